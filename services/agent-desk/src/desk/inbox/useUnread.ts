import { computed } from 'vue'
import { useDesk } from '@desk/stores/desk'

/** How many conversations hold something unread. */
export function useUnread() {
  const desk = useDesk()
  const total = computed(() => desk.rows.filter((row) => row.unread > 0).length)
  return { total }
}
