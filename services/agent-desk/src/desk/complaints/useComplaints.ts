import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { ComplaintSummary, Page } from '@core/api/types'
import { useVisible } from '@desk/common/useVisible'
import { api, FEEDBACK } from '@desk/services'
import type { View } from './views'

/** Complaints have no feed: what colleagues and the timers do is asked for. */
const EVERY_MS = 15_000
const PAGE = 50

/** One list of complaints, the next due first; asked for anew while somebody looks at it. */
export function useComplaints(view: Ref<View>, withClosed: Ref<boolean>) {
  const items = shallowRef<ComplaintSummary[]>([])
  const next = ref<string | null>(null)
  const loading = ref(true)
  const failure = shallowRef<unknown>(null)
  const visible = useVisible()
  let asked = 0

  async function load(): Promise<void> {
    asked += 1
    const mine = asked
    try {
      const limit = Math.min(100, Math.max(PAGE, items.value.length))
      const page = await list({ limit })
      if (mine !== asked) return
      items.value = page.items
      next.value = page.next
      failure.value = null
    } catch (error) {
      if (mine === asked) failure.value = error
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  async function more(): Promise<void> {
    if (!next.value) return
    const page = await list({ limit: PAGE, cursor: next.value })
    items.value = [...items.value, ...page.items]
    next.value = page.next
  }

  function list(query: { limit: number; cursor?: string }): Promise<Page<ComplaintSummary>> {
    return api.get<Page<ComplaintSummary>>(`${FEEDBACK}/complaints`, { query: { view: view.value, with_closed: withClosed.value || undefined, ...query } })
  }

  watch([view, withClosed], () => {
    items.value = []
    loading.value = true
    void load()
  }, { immediate: true })
  const timer = setInterval(() => {
    if (visible.value) void load()
  }, EVERY_MS)
  onScopeDispose(() => {
    clearInterval(timer)
  })

  return { items, next, loading, failure, load, more }
}
