import { defineStore } from 'pinia'
import { computed, watch } from 'vue'
import { ApiProblem, SessionOver, Unreachable } from '@core/api/problem'
import type { DraftKind, Message } from '@core/api/types'
import { randomKey, type InteractionId } from '@core/ids'
import { stored } from '@desk/common/stored'
import { api, ROUTER } from '@desk/services'
import { useConversations } from './conversations'
import { useDesk } from './desk'
import { useSession } from './session'

export interface Outgoing {
  key: string
  interactionId: InteractionId
  kind: DraftKind
  text: string
  templateId?: string
  cc?: string[]
  /** Newest message that the writer had seen; a colleague's later reply is shown before this one goes. */
  afterSeq: number
  state: 'waiting' | 'sending' | 'failed' | 'overtaken'
  reason?: string
  at: string
}

/** Messages on their way. They wait for a current feed, survive a reload, and go once, whatever is retried. */
export const useOutgoing = defineStore('outgoing', () => {
  const desk = useDesk()
  const conversations = useConversations()
  const queue = stored<Outgoing[]>(`careline:outgoing:${useSession().person?.id ?? ''}`, [])
  // A page that was closed while sending does not know the outcome; the same key makes asking again harmless.
  queue.value.forEach((entry) => {
    if (entry.state === 'sending') entry.state = 'waiting'
  })

  const byInteraction = computed(() => {
    const groups = new Map<InteractionId, Outgoing[]>()
    for (const entry of queue.value) groups.set(entry.interactionId, [...(groups.get(entry.interactionId) ?? []), entry])
    return groups
  })

  watch(() => desk.live, (live) => {
    if (live) for (const entry of queue.value) if (entry.state === 'waiting') void send(entry)
  }, { immediate: true })

  function add(entry: Pick<Outgoing, 'interactionId' | 'kind' | 'text' | 'templateId' | 'cc' | 'afterSeq'>): void {
    queue.value.push({ ...entry, key: randomKey(), state: 'waiting', at: new Date().toISOString() })
    const added = queue.value.at(-1)
    if (added && desk.live) void send(added)
  }

  async function send(entry: Outgoing, anyway = false): Promise<void> {
    if (!anyway && overtaken(entry)) {
      entry.state = 'overtaken'
      return
    }
    entry.state = 'sending'
    delete entry.reason
    try {
      const body = {
        kind: entry.kind, text: entry.text,
        ...(entry.templateId ? { template_id: entry.templateId } : {}), ...(entry.cc?.length ? { cc: entry.cc } : {}),
      }
      const message = await api.post<Message>(`${ROUTER}/interactions/${entry.interactionId}/messages`, { body, idempotencyKey: entry.key })
      conversations.add(entry.interactionId, message)
      remove(entry.key)
    } catch (error) {
      settle(entry, error)
    }
  }

  /** An answer that the mail server refused, or that came back: once more as it is. */
  async function sendAgain({ id, interaction_id }: Message): Promise<void> {
    conversations.add(interaction_id, await api.post<Message>(`${ROUTER}/interactions/${interaction_id}/messages/${id}/resending`))
  }

  function settle(entry: Outgoing, error: unknown): void {
    if (error instanceof Unreachable || error instanceof SessionOver) {
      entry.state = 'waiting'
      if (error instanceof Unreachable && desk.live) setTimeout(() => void send(entry), 2000)
      return
    }
    entry.state = 'failed'
    entry.reason = error instanceof ApiProblem ? error.detail || error.title : ''
  }

  function overtaken(entry: Outgoing): boolean {
    if (entry.kind !== 'reply') return false
    const messages = conversations.opened.get(entry.interactionId)?.messages ?? []
    return messages.some((message) => message.seq > entry.afterSeq && message.kind === 'reply')
  }

  function remove(key: string): void {
    queue.value = queue.value.filter((entry) => entry.key !== key)
  }

  return { queue, byInteraction, add, send, sendAgain, remove }
})
