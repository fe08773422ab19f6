import type { Message } from '@core/api/types'
import type { Outgoing } from '@desk/stores/outgoing'

export type TimelineItem =
  | { key: string; type: 'day'; at: string }
  | { key: string; type: 'new' }
  | { key: string; type: 'message'; message: Message }
  | { key: string; type: 'outgoing'; entry: Outgoing }

/** Everything in one line: days, messages, the mark before what is new, and what is still on its way. */
export function timelineItems(messages: readonly Message[], outgoing: readonly Outgoing[], readSeq: number): TimelineItem[] {
  const items: TimelineItem[] = []
  let day = ''
  let marked = false
  for (const message of messages) {
    const messageDay = new Date(message.sent_at).toDateString()
    if (messageDay !== day) items.push({ key: `day:${messageDay}`, type: 'day', at: message.sent_at })
    day = messageDay
    if (!marked && message.seq > readSeq && message.kind === 'inbound') {
      items.push({ key: 'new', type: 'new' })
      marked = true
    }
    items.push({ key: message.id, type: 'message', message })
  }
  return [...items, ...outgoing.map((entry) => ({ key: entry.key, type: 'outgoing' as const, entry }))]
}
