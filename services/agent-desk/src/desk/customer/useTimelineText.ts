import { useI18n } from 'vue-i18n'
import type { TimelineEntry } from '@core/api/types'
import type { IconName } from '@desk/ui/Icon.vue'

const ICONS: Record<string, IconName> = {
  mail: 'mail', chat: 'chat', partner: 'partner', in_person: 'in_person', purchase: 'bag', product: 'shield',
}

/** Words for an entry of the timeline: its own key, else its kind; facts that are codes are put into words. */
export function useTimelineText() {
  const { t, te } = useI18n()

  function code(group: string, value: unknown): string {
    const text = String(value)
    return te(`${group}.${text}`) ? t(`${group}.${text}`) : text
  }

  function titleOf(entry: TimelineEntry): string {
    const key = `timeline.${entry.title_key.replaceAll('.', '_')}`
    const kind = code('timeline.kind', entry.kind)
    return te(key) ? t(key, { ...textual(entry.facts), channel: code('channel', entry.facts.channel ?? '') }) : kind
  }

  function detailOf(entry: TimelineEntry): string {
    const { subject, summary, note, disposition, channel } = entry.facts
    const words = [channel === undefined ? '' : code('channel', channel), disposition ? code('disposition', disposition) : '', subject, summary, note]
    return words.filter((word): word is string => typeof word === 'string' && word !== '').join(' · ')
  }

  function iconOf(entry: TimelineEntry): IconName {
    const byChannel = ICONS[String(entry.facts.channel ?? '')]
    return byChannel ?? ICONS[entry.kind] ?? 'history'
  }

  return { titleOf, detailOf, iconOf }
}

function textual(facts: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, value === null ? '' : String(value)]))
}
