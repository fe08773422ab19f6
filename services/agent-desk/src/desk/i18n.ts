import { createI18n } from 'vue-i18n'
import { chooseLocale, type Locale } from '@core/i18n'

const STORED = 'careline:locale'

type Catalogues = Record<Locale, () => Promise<{ default: Record<string, unknown> }>>

const main: Catalogues = {
  'zh-CN': () => import('./locales/zh-CN.json'),
  en: () => import('./locales/en.json'),
}

/** Texts that are loaded with the places that show them. Each holds groups of its own: none is split over two files. */
const PARTS = {
  feedback: { 'zh-CN': () => import('./locales/feedback.zh-CN.json'), en: () => import('./locales/feedback.en.json') },
  board: { 'zh-CN': () => import('./locales/board.zh-CN.json'), en: () => import('./locales/board.en.json') },
  care: { 'zh-CN': () => import('./locales/care.zh-CN.json'), en: () => import('./locales/care.en.json') },
  people: { 'zh-CN': () => import('./locales/people.zh-CN.json'), en: () => import('./locales/people.en.json') },
} satisfies Record<string, Catalogues>

export type TextPart = keyof typeof PARTS

const wanted = new Set<TextPart>()
const loaded = new Set<string>()

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
    i18n.global.setLocaleMessage(locale, (await main[locale]()).default as never)
  }
  await Promise.all([...wanted].map((part) => addTexts(part, locale)))
  i18n.global.locale.value = locale as never
  document.documentElement.lang = locale
}

/** Loads a page or a part of one together with its texts: `component: withTexts('feedback', () => import('./X.vue'))`. */
export function withTexts<T>(part: TextPart, load: () => Promise<T>): () => Promise<T> {
  return async () => {
    wanted.add(part)
    const [page] = await Promise.all([load(), addTexts(part, currentLocale())])
    return page
  }
}

async function addTexts(part: TextPart, locale: Locale): Promise<void> {
  const key = `${part} ${locale}`
  if (loaded.has(key)) return
  const texts = (await PARTS[part][locale]()).default
  i18n.global.mergeLocaleMessage(locale, texts as never)
  loaded.add(key)
}

export async function chooseAndKeepLocale(locale: Locale): Promise<void> {
  localStorage.setItem(STORED, locale)
  await showLocale(locale)
}
