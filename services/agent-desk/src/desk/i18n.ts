import { createI18n } from 'vue-i18n'
import { chooseLocale, type Locale } from '@core/i18n'

const STORED = 'careline:locale'

const catalogues: Record<Locale, () => Promise<{ default: Record<string, unknown> }>> = {
  'zh-CN': () => import('./locales/zh-CN.json'),
  en: () => import('./locales/en.json'),
}

export const i18n = createI18n({ legacy: false, locale: 'en', fallbackLocale: false, missingWarn: false, messages: {} })

export function currentLocale(): Locale {
  return i18n.global.locale.value as Locale
}

/** A choice made on this machine goes before the person's, which goes before the browser's. */
export function preferredLocale(person?: string): Locale {
  return chooseLocale([localStorage.getItem(STORED), person, ...navigator.languages])
}

/** Catalogues are loaded one at a time, so that nobody pays for a language that is not read. */
export async function showLocale(locale: Locale): Promise<void> {
  if (!i18n.global.availableLocales.includes(locale as never)) {
    i18n.global.setLocaleMessage(locale, (await catalogues[locale]()).default as never)
  }
  i18n.global.locale.value = locale as never
  document.documentElement.lang = locale
}

export async function chooseAndKeepLocale(locale: Locale): Promise<void> {
  localStorage.setItem(STORED, locale)
  await showLocale(locale)
}
