import { onMounted, onScopeDispose, ref, shallowRef } from 'vue'
import { FeedClient, feedAddress, type FeedState } from '@core/feed/feed-client'
import type { SupervisionSnapshot, UnfinishedInteraction, WaitingInteraction } from '@core/api/types'
import { useFailure } from '@desk/common/useFailure'
import { api, ROUTER, tokens } from '@desk/services'

/** The lists are asked for at most this often, however often the figures change. */
const LISTS_EVERY_MS = 3000

/** The supervisor's figures: once by request, then pushed; while the line is gone the last ones stay with their time. */
export function useSupervision() {
  const snapshot = shallowRef<SupervisionSnapshot | null>(null)
  const waiting = shallowRef<WaitingInteraction[]>([])
  const unfinished = shallowRef<UnfinishedInteraction[]>([])
  const feed = ref<FeedState>({ name: 'connecting' })
  const failure = ref('')
  const { explain } = useFailure()
  let askedAtMs = 0
  let later: ReturnType<typeof setTimeout> | undefined

  const client = new FeedClient({
    open: () => new WebSocket(feedAddress(`${ROUTER}/supervision/feed`)) as never,
    token: (renew) => tokens.token(renew),
    onState: (state) => (feed.value = state),
    onEvent: (frame) => {
      if (frame.type !== 'snapshot') return
      snapshot.value = frame.data as SupervisionSnapshot
      feed.value = { name: 'live' }
      askForLists()
    },
  })

  function askForLists(): void {
    clearTimeout(later)
    later = setTimeout(() => {
      askedAtMs = Date.now()
      void loadLists()
    }, Math.max(0, askedAtMs + LISTS_EVERY_MS - Date.now()))
  }

  async function loadLists(): Promise<void> {
    try {
      const [waits, left] = await Promise.all([
        api.get<WaitingInteraction[]>(`${ROUTER}/supervision/waiting`),
        api.get<UnfinishedInteraction[]>(`${ROUTER}/supervision/unfinished`),
      ])
      waiting.value = waits
      unfinished.value = left
      failure.value = ''
    } catch (error) {
      failure.value = explain(error)
    }
  }

  onMounted(async () => {
    client.start()
    try {
      snapshot.value ??= await api.get<SupervisionSnapshot>(`${ROUTER}/supervision/snapshot`)
      askForLists()
    } catch (error) {
      failure.value = explain(error)
    }
  })
  onScopeDispose(() => {
    clearTimeout(later)
    client.stop()
  })

  return { snapshot, waiting, unfinished, feed, failure, refresh: loadLists }
}
