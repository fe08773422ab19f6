import type { EChartsCoreOption } from 'echarts/core'

export interface ChartSeries {
  name: string
  /** One figure for each label; null where none is known. */
  values: readonly (number | null)[]
}

export interface ChartData {
  kind: 'bar' | 'line'
  labels: readonly string[]
  series: readonly ChartSeries[]
}

/** The page's colours as they are now; a canvas does not follow the style sheet by itself. */
export interface ChartColours {
  text: string
  muted: string
  line: string
  surface: string
  series: string[]
}

/** Bars lie, because names of queues are long; lines run from left to right. Whole numbers only on the axis. */
export function chartOptions(data: ChartData, colours: ChartColours, animated: boolean): EChartsCoreOption {
  const names = {
    type: 'category', data: data.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: colours.line } },
    axisLabel: { color: colours.text, width: 160, overflow: 'truncate' },
  }
  const figures = {
    type: 'value', minInterval: 1, axisLabel: { color: colours.muted }, splitLine: { lineStyle: { color: colours.line } },
    max: ({ max }: { max: number }) => Math.max(4, max),
  }
  const lying = data.kind === 'bar'
  return {
    animation: animated,
    color: colours.series,
    // As text on the canvas: the usual one writes HTML, which the content policy refuses.
    tooltip: {
      trigger: 'axis', renderMode: 'richText', confine: true, axisPointer: { type: lying ? 'shadow' : 'line' },
      backgroundColor: colours.surface, borderColor: colours.line, textStyle: { color: colours.text },
    },
    ...(data.series.length > 1 ? { legend: { bottom: 0, textStyle: { color: colours.text } } } : {}),
    grid: { left: 8, right: 24, top: 8, bottom: data.series.length > 1 ? 32 : 4, containLabel: true },
    xAxis: lying ? figures : { ...names, boundaryGap: false },
    yAxis: lying ? { ...names, inverse: true } : figures,
    series: data.series.map(({ name, values }) => ({
      name, type: data.kind, data: values, barMaxWidth: 18, ...(lying ? { label: { show: true, position: 'right', color: colours.text } } : {}),
    })),
  }
}
