import { defineStore } from 'pinia'
import { reactive } from 'vue'
import type { Interaction, Message, Page } from '@core/api/types'
import type { InteractionId } from '@core/ids'
import { ApiProblem } from '@core/api/problem'
import { api, ROUTER } from '@desk/services'
import { useDesk } from './desk'

export interface Conversation {
  id: InteractionId
  detail: Interaction | null
  messages: Message[]
  /** Cursor of the page before; undefined until the first page is here. */
  older: string | null | undefined
  loading: boolean
  error: unknown
  /** It left this desk and may not be seen any more. */
  gone: boolean
  /** Messages after this one are new since the agent last looked here. */
  readSeq: number
}

/** What is said in each conversation that was opened; the feed adds to it. */
export const useConversations = defineStore('conversations', () => {
  const desk = useDesk()
  const opened = reactive(new Map<InteractionId, Conversation>())

  desk.onMessage((message) => {
    const conversation = opened.get(message.interaction_id)
    if (conversation) conversation.messages = merged(conversation.messages, [message])
  })
  desk.onReset(() => {
    for (const conversation of opened.values()) void refresh(conversation)
  })

  function open(id: InteractionId): Conversation {
    const known = opened.get(id)
    if (known) return known
    opened.set(id, { id, detail: null, messages: [], older: undefined, loading: false, error: null, gone: false, readSeq: 0 })
    const conversation = opened.get(id) as Conversation
    void refresh(conversation)
    return conversation
  }

  async function refresh(conversation: Conversation): Promise<void> {
    conversation.loading = true
    conversation.error = null
    try {
      const [detail, page] = await Promise.all([
        api.get<Interaction>(`${ROUTER}/interactions/${conversation.id}`),
        api.get<Page<Message>>(`${ROUTER}/interactions/${conversation.id}/messages`),
      ])
      conversation.detail = detail
      conversation.messages = merged(conversation.messages, page.items)
      conversation.older ??= page.next
      conversation.readSeq ||= Math.max(0, ...page.items.map(({ seq }) => seq))
    } catch (error) {
      conversation.error = error
    } finally {
      conversation.loading = false
    }
  }

  /** What changes with the row only: its state, rights and deadlines. */
  async function refreshDetail(id: InteractionId): Promise<void> {
    const conversation = opened.get(id)
    if (!conversation) return
    try {
      conversation.detail = await api.get<Interaction>(`${ROUTER}/interactions/${id}`)
      conversation.gone = false
    } catch (error) {
      conversation.gone = error instanceof ApiProblem && error.status === 404
      if (!conversation.gone) throw error
    }
  }

  async function loadOlder(conversation: Conversation): Promise<void> {
    if (!conversation.older || conversation.loading) return
    conversation.loading = true
    try {
      const query = { before: conversation.older }
      const page = await api.get<Page<Message>>(`${ROUTER}/interactions/${conversation.id}/messages`, { query })
      conversation.messages = merged(conversation.messages, page.items)
      conversation.older = page.next
    } finally {
      conversation.loading = false
    }
  }

  function putDetail(detail: Interaction): void {
    const conversation = opened.get(detail.id)
    if (conversation) conversation.detail = detail
    desk.put(detail)
  }

  function add(id: InteractionId, message: Message): void {
    const conversation = opened.get(id)
    if (conversation) conversation.messages = merged(conversation.messages, [message])
  }

  function markSeen(id: InteractionId): void {
    const conversation = opened.get(id)
    if (conversation) conversation.readSeq = conversation.messages.at(-1)?.seq ?? 0
  }

  /** The agent has it before her eyes; the server then says so on all her pages. */
  async function read(id: InteractionId): Promise<void> {
    await api.put(`${ROUTER}/interactions/${id}/read`)
  }

  return { opened, open, refresh, refreshDetail, loadOlder, putDetail, add, markSeen, read }
})

/** Oldest first and each once; the newer copy of a message wins, because its delivery may have moved on. */
export function merged(known: readonly Message[], more: readonly Message[]): Message[] {
  const byId = new Map([...known, ...more].map((message) => [message.id, message]))
  return [...byId.values()].sort((a, b) => a.seq - b.seq)
}
