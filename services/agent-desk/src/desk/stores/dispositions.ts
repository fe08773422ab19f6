import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Channel, Disposition } from '@core/api/types'
import type { Locale } from '@core/i18n'
import { api, ROUTER } from '@desk/services'

/** Results that may close a conversation, with their labels; asked for once, when first needed. */
export const useDispositions = defineStore('dispositions', () => {
  const { locale } = useI18n()
  const all = shallowRef<Disposition[]>([])
  let asked: Promise<void> | null = null

  function load(): Promise<void> {
    asked ??= api.get<Disposition[]>(`${ROUTER}/dispositions`).then((answer) => {
      all.value = answer
    }).catch((error: unknown) => {
      asked = null
      throw error
    })
    return asked
  }

  function labelOf(code: string): string {
    const label = all.value.find((disposition) => disposition.code === code)?.label
    return label?.[locale.value as Locale] ?? label?.en ?? code.replaceAll('_', ' ')
  }

  /** What may be said of a matter of this channel. A call has results of its own, because care goes on from them. */
  function fitting(channel: Channel | undefined): { value: string; label: string }[] {
    return all.value
      .filter((known) => known.channel === channel || (known.channel === null && channel !== 'phone_task'))
      .map(({ code }) => ({ value: code, label: labelOf(code) }))
  }

  return { all, load, labelOf, fitting }
})
