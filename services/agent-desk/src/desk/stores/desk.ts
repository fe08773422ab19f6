import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { applyFrame, inOrder, messageOf, replacedByVersion, type DeskState } from '@core/desk-state'
import { FeedClient, feedAddress, type FeedFrame, type FeedState } from '@core/feed/feed-client'
import type { DeskSettings, DeskSnapshot, InboxRow, Interaction, Message, PresenceStatus } from '@core/api/types'
import { api, ROUTER, tokens } from '@desk/services'

type MessageListener = (message: Message) => void

/** The agent's desk: one snapshot, then the events of the feed. Everything shown comes from here. */
export const useDesk = defineStore('desk', () => {
  const state = shallowRef<DeskState | null>(null)
  const feed = ref<FeedState>({ name: 'connecting' })
  const loadError = shallowRef<unknown>(null)
  const listeners = new Set<MessageListener>()
  const resets = new Set<() => void>()
  const offerEndings = new Map<string, string>()
  let client: FeedClient | null = null

  const order = computed(() => state.value?.settings.order ?? 'urgency')
  const rows = computed(() => inOrder(state.value?.interactions ?? [], order.value))
  const offers = computed(() => state.value?.offers ?? [])
  const agent = computed(() => state.value?.agent ?? null)
  const settings = computed(() => state.value?.settings ?? null)
  const live = computed(() => feed.value.name === 'live')

  async function snapshot(): Promise<DeskSnapshot> {
    const fresh = await api.get<DeskSnapshot>(`${ROUTER}/desk/snapshot`)
    state.value = fresh
    return fresh
  }

  async function start(): Promise<void> {
    loadError.value = null
    try {
      const first = await snapshot()
      client ??= create(first.cursor)
      client.start()
    } catch (error) {
      loadError.value = error
    }
  }

  function create(cursor: number): FeedClient {
    return new FeedClient({
      cursor,
      open: () => new WebSocket(feedAddress(`${ROUTER}/desk/feed`)) as never,
      token: (renew) => tokens.token(renew),
      onEvent: take,
      onState: (next) => {
        feed.value = next
      },
      onReset: async () => {
        const fresh = await snapshot()
        resets.forEach((listener) => {
          listener()
        })
        return fresh.cursor
      },
    })
  }

  function take(frame: FeedFrame): void {
    if (frame.type === 'offer.removed') {
      const { id, cause } = frame.data as { id: string; cause: string }
      offerEndings.set(id, cause)
    }
    if (state.value) state.value = applyFrame(state.value, frame)
    const message = messageOf(frame)
    if (message) {
      listeners.forEach((listener) => {
        listener(message)
      })
    }
  }

  /** An answer to our own request shows at once; the feed will say the same. */
  function put(row: InboxRow | Interaction): void {
    if (!state.value) return
    const closed = row.state === 'closed' || row.state === 'abandoned'
    const interactions = closed
      ? state.value.interactions.filter(({ id }) => id !== row.id)
      : replacedByVersion(state.value.interactions, row)
    state.value = { ...state.value, interactions }
  }

  function withoutOffer(id: string): void {
    if (state.value) state.value = { ...state.value, offers: state.value.offers.filter((offer) => offer.id !== id) }
  }

  async function setPresence(status: PresenceStatus, reason?: string): Promise<void> {
    await api.put(`${ROUTER}/desk/presence`, { body: { status, ...(reason ? { reason } : {}) } })
  }

  async function setSettings(change: Partial<DeskSettings>): Promise<void> {
    if (!state.value) return
    const next = { ...state.value.settings, ...change }
    state.value = { ...state.value, settings: next }
    await api.put(`${ROUTER}/desk/settings`, { body: next })
  }

  return {
    state, feed, loadError, order, offerEndings, rows, offers, agent, settings, live,
    start, put, withoutOffer, setPresence, setSettings,
    hurry: () => client?.hurry(),
    onMessage: (listener: MessageListener) => listeners.add(listener),
    onReset: (listener: () => void) => resets.add(listener),
  }
})
