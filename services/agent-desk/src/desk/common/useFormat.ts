import { useI18n } from 'vue-i18n'
import { span } from '@core/duration'
import { useNow } from './useNow'

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making a format costs far more than using it, and a list uses the same one in every row. */
function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options)
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options)
  formats.set(key, known)
  return known
}

/** How the page writes times, money and sizes in the language that it shows. */
export function useFormat() {
  const { t, locale } = useI18n()
  const now = useNow()

  const format = (instant: string, options: Intl.DateTimeFormatOptions): string => {
    const at = new Date(instant)
    return Number.isNaN(at.getTime()) ? '' : dateFormat(locale.value, options).format(at)
  }
  const time = (instant: string): string => format(instant, { hour: '2-digit', minute: '2-digit', hour12: false })
  const clockTime = (instant: string): string =>
    format(instant, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false })
  const day = (instant: string): string => format(instant, { year: 'numeric', month: 'short', day: 'numeric' })
  const full = (instant: string): string => format(instant, { dateStyle: 'medium', timeStyle: 'short' })

  /** A date without a time of day belongs to no time zone. */
  const date = (local: string): string => format(`${local.slice(0, 10)}T00:00:00Z`, { dateStyle: 'medium', timeZone: 'UTC' })

  const duration = (seconds: number): string => {
    const { unit, count } = span(seconds)
    return t(`span.${unit}`, { n: count }, count)
  }
  const ago = (instant: string): string => {
    const seconds = (now.value - Date.parse(instant)) / 1000
    return seconds < 45 ? t('span.now') : t('span.ago', { span: duration(seconds) })
  }
  const money = (minor: number, currency: string): string => {
    const formatter = new Intl.NumberFormat(locale.value, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
    return formatter.format(minor / 10 ** (formatter.resolvedOptions().maximumFractionDigits ?? 2))
  }
  const size = (bytes: number): string => {
    const power = Math.min(2, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
    const value = new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1 }).format(bytes / 1024 ** power)
    return `${value} ${['B', 'KB', 'MB'][power] ?? ''}`
  }

  return { now, time, clockTime, day, full, date, duration, ago, money, size }
}
