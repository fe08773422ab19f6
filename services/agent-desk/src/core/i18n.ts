export type Locale = 'zh-CN' | 'en'
export const LOCALES: readonly Locale[] = ['zh-CN', 'en']

export type Catalogue = Readonly<Record<string, string>>
export type Lookup = (key: string, values?: Readonly<Record<string, string | number>>) => string

/** The first language that we speak out of those that are wanted; English when none is. */
export function chooseLocale(wanted: readonly (string | null | undefined)[]): Locale {
  for (const tag of wanted) {
    const language = tag?.toLowerCase().split(/[-_]/)[0]
    if (language === 'zh') return 'zh-CN'
    if (language === 'en') return 'en'
  }
  return 'en'
}

/** Text look-up for pages too small for a library: `{name}` is filled in, a missing key shows itself. */
export function createLookup(catalogue: Catalogue): Lookup {
  return (key, values = {}) =>
    (catalogue[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
