import type { Figure, MetricsGroup } from '@core/api/types'

/** The measures in the order in which they are shown, and how each is written. */
export const MEASURES = ['csat', 'nps', 'ces', 'response_rate'] as const
export type Measure = typeof MEASURES[number]

export const GROUPINGS = ['channel', 'tier', 'reason', 'survey_version', 'month'] as const
export type Grouping = typeof GROUPINGS[number]

const SHARES: readonly Measure[] = ['csat', 'response_rate']

/** Shares as per cent, NPS in points with its sign, CES as a mean of its scale. */
export function written(measure: Measure, value: number | null, locale: string): string {
  if (value === null) return '–'
  if (SHARES.includes(measure)) return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(value)
  if (measure === 'nps') return new Intl.NumberFormat(locale, { maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(value)
  return new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value)
}

/** The 95 % interval, or nothing where there is none. */
export function interval(measure: Measure, { low, high }: Figure, locale: string): string {
  return low === null || high === null ? '' : `${written(measure, low, locale)} – ${written(measure, high, locale)}`
}

/** What a chart draws: too few answers draw nothing, so that nobody concludes from them. */
export function drawn(measure: Measure, group: MetricsGroup): number | null {
  const { value, too_few: tooFew } = group[measure]
  if (value === null || tooFew) return null
  const points = SHARES.includes(measure) ? value * 100 : value
  return Math.round(points * 10) / 10
}
