/** Marks such as `{{ order.number }}` that a template could not fill and nobody has replaced by hand. */
export function unresolvedNames(text: string): string[] {
  const names = [...text.matchAll(/\{\{\s*([\p{L}\w.]+)\s*\}\}/gu)].map((match) => match[1] ?? '')
  return [...new Set(names)]
}

const VARIABLE = /\{\{-?\s*([\w.]+)[^}]*\}\}/g

/**
 * The server renders what it does not know as nothing. A gap that nobody sees would be sent, so it is marked again:
 * the rendering is laid over the template, and where that cannot be done the marks are put at the end.
 */
export function markGaps(body: string, rendered: string, missing: readonly string[]): string {
  if (missing.length === 0) return rendered
  const names = [...body.matchAll(VARIABLE)].map((match) => match[1] ?? '')
  const literals = body.split(VARIABLE).filter((_, index) => index % 2 === 0)
  const values = new RegExp(`^${literals.map(escaped).join('([^]*?)')}$`).exec(rendered)?.slice(1)
  if (!values || body.includes('{%')) return `${rendered}\n${missing.map(mark).join(' ')}`
  return literals.map((literal, index) => literal + filled(names[index], values[index] ?? '', missing)).join('')
}

function filled(name: string | undefined, value: string, missing: readonly string[]): string {
  if (name === undefined) return ''
  return value === '' && missing.includes(name) ? mark(name) : value
}

function mark(name: string): string {
  return `{{ ${name} }}`
}

function escaped(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
