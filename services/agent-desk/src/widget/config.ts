import { chooseLocale, type Locale } from '@core/i18n'

export interface WidgetConfig {
  /** Where the router answers, without a slash at the end. */
  api: string
  queue: string | null
  topic: string | null
  /** Whom the visitor talks with, for the head of the panel. */
  name: string | null
  /** The language that the page asks for; without it the widget follows the page. */
  language: string | null
}

/** What the page says in its script element: `<script src=".../widget.js" data-queue="sales" data-language="en">`. */
export function readConfig(script: HTMLScriptElement): WidgetConfig {
  const { api, queue, topic, name, language } = script.dataset
  return {
    api: api ?? new URL('/api/router', script.src).href,
    queue: queue ?? null,
    topic: topic ?? null,
    name: name ?? null,
    language: language ?? null,
  }
}

export function currentLocale(config: WidgetConfig, page: Document = document): Locale {
  return chooseLocale([config.language, page.documentElement.lang, ...navigator.languages])
}
