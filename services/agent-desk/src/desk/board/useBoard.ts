import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { FeedClient, feedAddress, type FeedState } from '@core/feed/feed-client'
import type { CareToday, ComplaintBoard, SupervisionSnapshot, WallBoard } from '@core/api/types'
import { useNow } from '@desk/common/useNow'
import { usePolled } from '@desk/common/usePolled'
import { api, CARE, FEEDBACK, ROUTER, tokens } from '@desk/services'
import { useSession } from '@desk/stores/session'

const BOARD_EVERY_MS = 5_000
/** Complaints and care change over hours; they are asked for as often only so that one clock holds for the page. */
const REST_EVERY_MS = 5_000
/** However often the pushed figures change, the board follows them at most this often. */
const FOLLOW_EVERY_MS = 1_000
const STALE_AFTER_MS = 10_000

/** Everything on the wall board. What is waiting is pushed to those who may see the supervisor's figures, the rest is asked for. */
export function useBoard() {
  const session = useSession()
  const now = useNow()
  const picture = shallowRef<SupervisionSnapshot | null>(null)
  const line = ref<FeedState>({ name: 'stopped' })
  const pushed = session.may('supervision:read')
  const board = usePolled(() => api.get<WallBoard>(`${ROUTER}/wall-board`), BOARD_EVERY_MS)
  const care = usePolled(() => api.get<CareToday>(`${CARE}/today`), REST_EVERY_MS)
  const complaints = usePolled(() => api.get<ComplaintBoard>(`${FEEDBACK}/complaints/board`), REST_EVERY_MS)

  let following: ReturnType<typeof setTimeout> | undefined
  let askedAtMs = 0

  function follow(): void {
    clearTimeout(following)
    following = setTimeout(() => {
      askedAtMs = Date.now()
      void board.load()
    }, Math.max(0, askedAtMs + FOLLOW_EVERY_MS - Date.now()))
  }

  if (pushed) {
    const client = new FeedClient({
      open: () => new WebSocket(feedAddress(`${ROUTER}/supervision/feed`)) as never,
      token: (renew) => tokens.token(renew),
      onState: (state) => (line.value = state),
      onEvent: (frame) => {
        if (frame.type !== 'snapshot') return
        picture.value = frame.data as SupervisionSnapshot
        line.value = { name: 'live' }
        follow()
      },
    })
    client.start()
    onScopeDispose(() => {
      clearTimeout(following)
      client.stop()
    })
  }

  const asOf = computed(() => [board.value.value?.as_of, picture.value?.as_of].filter((at) => at !== undefined).sort((a, b) => Date.parse(b) - Date.parse(a))[0])
  // A live line is silent while nothing changes, so the last answer to a question counts too.
  const stale = computed(() => asOf.value !== undefined && now.value - Date.parse(asOf.value) > STALE_AFTER_MS)
  const feed = computed(() => {
    if (!pushed) return 'polled'
    return line.value.name === 'live' || line.value.name === 'offline' ? line.value.name : 'connecting'
  })

  return { board, care, complaints, picture, pushed, asOf, stale, feed, now }
}
