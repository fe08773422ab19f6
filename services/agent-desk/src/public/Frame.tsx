import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { LOCALES, type Locale } from '@core/i18n'
import { OTHER_LANGUAGE } from './texts'

/** One card under a switch of language. `title` is told to the browser too, so that a tab says where it is. */
export function Frame({ locale, title, onLocale, children }: {
  locale: Locale
  title: string
  onLocale: (locale: Locale) => void
  children: ComponentChildren
}) {
  const other = LOCALES.find((each) => each !== locale) ?? locale
  useEffect(() => {
    document.documentElement.lang = locale
    document.title = title
  }, [locale, title])
  return (
    <>
      <header class="bar">
        <button type="button" lang={other} onClick={() => { onLocale(other) }}>{OTHER_LANGUAGE[locale]}</button>
      </header>
      <main>{children}</main>
    </>
  )
}

/** What came of it, in a few words; it takes the focus, because what was there before is gone. */
export function Ending({ title, children }: { title: string; children?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => { heading.current?.focus() }, [])
  return (
    <div role="status">
      <h1 ref={heading} tabIndex={-1}>{title}</h1>
      {children}
    </div>
  )
}
