import { computed, ref, shallowRef, watch } from 'vue'
import { holdOrder } from '@core/held-order'
import type { InboxRow } from '@core/api/types'
import type { InteractionId } from '@core/ids'
import { useDesk } from '@desk/stores/desk'

export interface ShownRow {
  row: InboxRow
  gone: boolean
}

/** The rows in the server's order, except that nothing moves while the list is pointed at or has the focus. */
export function useInboxOrder() {
  const desk = useDesk()
  const pointed = ref(false)
  const focused = ref(false)
  const held = computed(() => pointed.value || focused.value)
  const shown = shallowRef<InteractionId[]>([])
  const moved = ref(0)
  const last = new Map<InteractionId, InboxRow>()

  watch([() => desk.rows, held], () => {
    arrange(held.value)
  }, { immediate: true })

  function arrange(hold: boolean): void {
    for (const row of desk.rows) last.set(row.id, row)
    const order = holdOrder(shown.value, desk.rows.map(({ id }) => id), hold)
    shown.value = order.ids
    moved.value = order.moved
  }

  const rows = computed<ShownRow[]>(() => {
    const live = new Map(desk.rows.map((row) => [row.id, row]))
    return shown.value.flatMap((id) => {
      const row = live.get(id) ?? last.get(id)
      return row ? [{ row, gone: !live.has(id) }] : []
    })
  })

  return {
    rows, moved, pointed, focused,
    apply: (): void => {
      arrange(false)
    },
  }
}
