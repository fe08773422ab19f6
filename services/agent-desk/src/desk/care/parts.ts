/** The parts of care in the order of their tabs; each is an address of its own. */
export const PARTS = ['today', 'matrix', 'occasions', 'items', 'templates', 'cards'] as const

export type Part = typeof PARTS[number]

export function partOf(text: unknown): Part {
  return PARTS.find((part) => part === text) ?? 'today'
}
