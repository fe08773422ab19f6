/** 75 → `1:15`, 3675 → `1:01:15`; for clocks that run, with tabular figures. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

export interface Span {
  unit: 'second' | 'minute' | 'hour' | 'day'
  count: number
}

/** The largest unit that says it: 95 s is one minute, 26 h is one day. */
export function span(seconds: number): Span {
  const whole = Math.abs(Math.trunc(seconds))
  if (whole < 60) return { unit: 'second', count: whole }
  if (whole < 3600) return { unit: 'minute', count: Math.floor(whole / 60) }
  if (whole < 86_400) return { unit: 'hour', count: Math.floor(whole / 3600) }
  return { unit: 'day', count: Math.floor(whole / 86_400) }
}
