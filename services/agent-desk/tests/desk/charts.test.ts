import { describe, expect, it } from 'vitest'
import { chartOptions, type ChartData } from '@desk/charts/chart-options'
import { emptyOnly } from '@desk/charts/echarts'

const colours = { text: '#111', muted: '#222', line: '#333', surface: '#fff', series: ['#0b5cad'] }
const bars: ChartData = { kind: 'bar', labels: ['Sales', '售后'], series: [{ name: 'Waiting', values: [3, 0] }] }

describe('a chart', () => {
  it('lets nothing but the empty text through the policy of the page', () => {
    expect(emptyOnly('')).toBe('')
    expect(emptyOnly('<b>x</b>')).toBeNull()
    expect(emptyOnly(' ')).toBeNull()
  })

  it('shows its tooltip as text on the canvas, because HTML is refused', () => {
    expect(chartOptions(bars, colours, true)).toMatchObject({ tooltip: { renderMode: 'richText' } })
  })

  it('lays bars down with the first on top, and runs lines from left to right', () => {
    expect(chartOptions(bars, colours, false)).toMatchObject({ animation: false, yAxis: { data: ['Sales', '售后'], inverse: true } })
    expect(chartOptions({ ...bars, kind: 'line' }, colours, false)).toMatchObject({ xAxis: { type: 'category', boundaryGap: false } })
  })

  it('names its series only where there are several', () => {
    expect(chartOptions(bars, colours, false)).not.toHaveProperty('legend')
    const two: ChartData = { ...bars, series: [...bars.series, { name: 'Answered', values: [1, 2] }] }
    expect(chartOptions(two, colours, false)).toHaveProperty('legend')
  })
})
