import { useI18n } from 'vue-i18n'
import type { GateVerdict } from '@core/api/types'
import { useFormat } from '@desk/common/useFormat'
import { useWords } from '@desk/common/useWords'

/** The first no decides; a hold only where no gate says no. */
export function decidingOf(verdicts: readonly GateVerdict[]): GateVerdict | undefined {
  return verdicts.find(({ verdict }) => verdict === 'no') ?? verdicts.find(({ verdict }) => verdict === 'hold')
}

/** Why, or why not, in the person's words; the facts of the gate stand in the sentence. */
export function useVerdicts() {
  const { t, te } = useI18n()
  const { word } = useWords()
  const { full } = useFormat()

  function factOf(name: string, value: unknown): string {
    if (name === 'means') return word('means', String(value))
    if (name === 'purpose') return word('purpose', String(value))
    if (name === 'channel') return word('contact', String(value))
    if (name === 'needed') return word('care.needed', String(value).replaceAll(' ', '_'))
    if (name === 'until' || name === 'not_after') return full(String(value))
    if (Array.isArray(value)) return value.join(t('common.list_separator'))
    return String(value)
  }

  function sentenceOf({ gate, reason, facts }: GateVerdict): string {
    const values = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, factOf(name, value)]))
    const key = [`care.said.${gate}.${reason}`, `care.said.other.${reason}`].find((each) => te(each))
    return key ? t(key, values) : reason.replaceAll('_', ' ')
  }

  return { sentenceOf }
}
