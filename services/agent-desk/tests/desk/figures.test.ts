import { describe, expect, it } from 'vitest'
import type { Figure, MetricsGroup } from '@core/api/types'
import { drawn, interval, written } from '@desk/surveys/figures'

const figure = (value: number | null, n = 10): Figure => ({ n, value, low: value === null ? null : value - 0.1, high: value === null ? null : value + 0.1, too_few: n < 5 })
const group = (known: Partial<MetricsGroup>): MetricsGroup => known as MetricsGroup

describe('a figure', () => {
  it('is written as what it is, and zero is a value', () => {
    expect([written('csat', 0.5, 'en'), written('nps', -12.4, 'en'), written('nps', 30, 'en'), written('ces', 5, 'en')]).toEqual(['50%', '-12', '+30', '5.0'])
    expect([written('csat', 0, 'en'), written('nps', 0, 'en'), written('csat', null, 'en')]).toEqual(['0%', '0', '–'])
  })

  it('has its interval beside it, or none', () => {
    expect(interval('csat', figure(0.5), 'en')).toBe('40% – 60%')
    expect(interval('csat', figure(null), 'en')).toBe('')
  })

  it('of too few answers is not drawn', () => {
    expect(drawn('csat', group({ csat: figure(0.5) }))).toBe(50)
    expect(drawn('csat', group({ csat: figure(0.5, 4) }))).toBeNull()
    expect(drawn('nps', group({ nps: figure(0) }))).toBe(0)
  })
})
