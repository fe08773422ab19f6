import { computed } from 'vue'
import type { InboxRow } from '@core/api/types'
import { useConversations } from '@desk/stores/conversations'
import { useDesk } from '@desk/stores/desk'

/** What waits unread; a row that was looked at rests until it changes. */
export function useUnread() {
  const desk = useDesk()
  const conversations = useConversations()
  const unreadOf = (row: InboxRow): number => (conversations.seen.get(row.id) === row.updated_at ? 0 : row.unread)
  const total = computed(() => desk.rows.filter((row) => unreadOf(row) > 0).length)
  return { unreadOf, total }
}
