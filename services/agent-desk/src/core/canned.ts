import type { Template } from './api/types'

/** What is typed after a slash at the start of a line, when the caret stands behind it. */
export function slashQuery(text: string, caret: number): { from: number; query: string } | null {
  const lineStart = text.lastIndexOf('\n', caret - 1) + 1
  const line = text.slice(lineStart, caret)
  return line.startsWith('/') ? { from: lineStart, query: line.slice(1) } : null
}

/** Canned replies by title, text and pinyin initials; the reply's own language first, best place of the hit first. */
export function findCanned(templates: readonly Template[], query: string, language: string | null): Template[] {
  const wanted = query.trim().toLowerCase()
  const ranked = templates.flatMap((template) => {
    const rank = rankOf(template, wanted)
    return rank === null ? [] : [{ template, rank: rank + (sameLanguage(template.language, language) ? 0 : 10) }]
  })
  return ranked
    .sort((a, b) => a.rank - b.rank || a.template.title.localeCompare(b.template.title))
    .map(({ template }) => template)
}

function rankOf(template: Template, wanted: string): number | null {
  if (wanted === '') return 0
  if (template.title.toLowerCase().startsWith(wanted)) return 0
  if ((template.initials ?? '').toLowerCase().startsWith(wanted)) return 1
  if (template.title.toLowerCase().includes(wanted)) return 2
  if ((template.initials ?? '').toLowerCase().includes(wanted)) return 3
  return template.body.toLowerCase().includes(wanted) ? 4 : null
}

function sameLanguage(a: string, b: string | null): boolean {
  return b === null || a.split('-')[0] === b.split('-')[0]
}
