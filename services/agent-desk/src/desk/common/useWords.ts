import { useI18n } from 'vue-i18n'

/** Words for codes that services use; a code that nobody has put into words yet shows itself. */
export function useWords() {
  const { t, te } = useI18n()

  function word(group: string, code: string | null | undefined, values: Record<string, string> = {}): string {
    if (!code) return ''
    const key = `${group}.${code.replace(/[^\w-]/g, '_')}`
    return te(key) ? t(key, values) : code.replaceAll('_', ' ')
  }

  /** Skills are the company's own words, except the languages, which are `language:zh`. */
  function skill(code: string): string {
    return code.startsWith('language:') ? word('language', code.slice('language:'.length)) : word('skill', code)
  }

  return { word, skill }
}
