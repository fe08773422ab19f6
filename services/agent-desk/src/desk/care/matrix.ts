import type { CareCell } from '@core/api/types'

const TIERS: readonly string[] = ['gold', 'silver', 'regular']
const OCCASIONS: readonly string[] = [
  'birthday', 'mid_autumn', 'great_cold', 'three_months', 'purchase_overdue', 'warranty_ending', 'follow_up',
  'complaint_acknowledged', 'complaint_answered', 'complaint_check',
]

/** The company's own tiers come after those that everybody knows. */
export function tiersOf(cells: readonly CareCell[]): string[] {
  return inOrder(cells.map(({ tier }) => tier), TIERS)
}

export function occasionsOf(cells: readonly CareCell[]): string[] {
  return inOrder(cells.map(({ occasion }) => occasion), OCCASIONS)
}

function inOrder(names: readonly string[], known: readonly string[]): string[] {
  const found = new Set(names)
  return [...known.filter((name) => found.has(name)), ...[...found].filter((name) => !known.includes(name)).sort()]
}
