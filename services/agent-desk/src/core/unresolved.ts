/** Marks such as `{{order_number}}` that a template could not fill and nobody has replaced by hand. */
export function unresolvedNames(text: string): string[] {
  const names = [...text.matchAll(/\{\{\s*([\p{L}\w.]+)\s*\}\}/gu)].map((match) => match[1] ?? '')
  return [...new Set(names)]
}
