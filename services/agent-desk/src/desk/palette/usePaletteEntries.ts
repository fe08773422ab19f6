import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { bindings, type Command } from '@core/keys'
import type { PresenceStatus } from '@core/api/types'
import { useFailure } from '@desk/common/useFailure'
import { useNames } from '@desk/common/useNames'
import { canRun, keyLabel, keySettings, run } from '@desk/keys/useKeys'
import { useDesk } from '@desk/stores/desk'
import type { IconName } from '@desk/ui/Icon.vue'

export interface PaletteEntry {
  key: string
  label: string
  /** Further words that find it. */
  also: string
  icon: IconName
  keys?: string
  run: () => void
}

const ICONS: Partial<Record<Command, IconName>> = {
  'offer-accept': 'check', 'offer-decline': 'cross', reply: 'send', note: 'note', done: 'check', why: 'question',
  'go-inbox': 'inbox', 'go-supervision': 'board', 'go-complaints': 'complaint', 'go-surveys': 'survey', 'go-board': 'chart', 'go-care': 'heart', 'go-people': 'person', 'key-sheet': 'keyboard', customer: 'person', 'apply-order': 'retry',
}
const STATUSES: PresenceStatus[] = ['available', 'busy', 'break', 'away', 'offline']

/** Everything that can be done from here: commands of this moment, own states, own conversations. */
export function usePaletteEntries() {
  const { t } = useI18n()
  const router = useRouter()
  const desk = useDesk()
  const { nameOf } = useNames()
  const { report } = useFailure()

  const possible = (command: Command): boolean => {
    if (command.startsWith('offer-')) return desk.offers.length > 0
    return canRun(command)
  }

  return computed<PaletteEntry[]>(() => [
    ...bindings(keySettings.value).filter(({ command }) => command in ICONS && possible(command)).map(({ command, keys }) => ({
      key: command, label: t(`command.${command}`), also: command, icon: ICONS[command] ?? 'info' as IconName, keys: keyLabel(keys), run: () => { run(command) },
    })),
    ...STATUSES.map((status) => ({
      key: `presence:${status}`, label: t('palette.presence', { status: t(`presence.${status}`) }), also: status, icon: 'clock' as const,
      run: () => { desk.setPresence(status).catch(report) },
    })),
    ...desk.rows.map((row) => ({
      key: row.id, label: nameOf(row.customer), also: `${row.subject ?? ''} ${t(`channel.${row.channel}`)}`, icon: row.channel,
      run: () => { void router.push(`/c/${row.id}`) },
    })),
  ])
}
