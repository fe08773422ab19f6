import { useI18n } from 'vue-i18n'
import type { TimelineEntry } from '@core/api/types'
import { useWords } from '@desk/common/useWords'
import { useDispositions } from '@desk/stores/dispositions'
import type { IconName } from '@desk/ui/Icon.vue'

const ICONS: Partial<Record<string, IconName>> = {
  mail: 'mail', chat: 'chat', partner: 'partner', in_person: 'in_person', phone: 'sound', purchase: 'bag', product: 'shield', note: 'note',
}

/** Words for an entry of the timeline, whose key is `timeline.<kind>.<state>`; dispositions by their label. */
export function useTimelineText() {
  const { t, te } = useI18n()
  const { word } = useWords()
  const dispositions = useDispositions()

  function titleOf(entry: TimelineEntry): string {
    const kind = word('timeline.kind', entry.kind)
    const state = `timeline.state.${entry.title_key.split('.').pop() ?? ''}`
    return te(state) ? t(state, { kind }) : kind
  }

  function detailOf(entry: TimelineEntry): string {
    const { disposition, subject, text } = entry.facts
    const words = [typeof disposition === 'string' ? dispositions.labelOf(disposition) : '', subject, text]
    return words.filter((part): part is string => typeof part === 'string' && part !== '').join(' · ')
  }

  return { titleOf, detailOf, iconOf: (entry: TimelineEntry): IconName => ICONS[entry.kind] ?? 'history' }
}
