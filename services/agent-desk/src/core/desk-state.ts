import type { FeedFrame } from './feed/feed-client'
import type { DeskSnapshot, InboxOrder, InboxRow, Message, Offer } from './api/types'
import type { InteractionId, OfferId } from './ids'

export type DeskState = DeskSnapshot

/**
 * The agent's desk after one event of the feed. Snapshot and events give the same as a newer snapshot, so each event
 * carries the full new state of its thing and nothing is added up here.
 */
export function applyFrame(state: DeskState, frame: FeedFrame): DeskState {
  const next = { ...state, cursor: frame.seq ?? state.cursor }
  switch (frame.type) {
    case 'presence.changed':
      return { ...next, agent: frame.data as DeskSnapshot['agent'] }
    case 'offer.changed':
      return { ...next, offers: replaced(state.offers, frame.data as Offer) }
    case 'offer.removed':
      return { ...next, offers: without(state.offers, (frame.data as { id: OfferId }).id) }
    case 'interaction.changed':
      return { ...next, interactions: replacedByVersion(state.interactions, frame.data as InboxRow) }
    case 'interaction.removed':
      return { ...next, interactions: without(state.interactions, (frame.data as { id: InteractionId }).id) }
    case 'counts':
      return { ...next, counts: frame.data as DeskSnapshot['counts'] }
    case 'settings.changed':
      return { ...next, settings: frame.data as DeskSnapshot['settings'] }
    default:
      return next
  }
}

export function messageOf(frame: FeedFrame): Message | null {
  return frame.type === 'message.added' ? (frame.data as Message) : null
}

/** The server's `sort_key` is urgency; the other orders go by how long the customer waits. Ties go by id. */
export function inOrder(rows: readonly InboxRow[], order: InboxOrder = 'urgency'): InboxRow[] {
  const key = (row: InboxRow): string => (order === 'urgency' ? row.sort_key : row.waiting_since)
  const sign = order === 'newest' ? -1 : 1
  return [...rows].sort((a, b) => sign * compare(key(a), key(b)) || compare(a.id, b.id))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function replaced<T extends { id: string }>(items: readonly T[], item: T): T[] {
  const at = items.findIndex((other) => other.id === item.id)
  return at === -1 ? [...items, item] : items.map((other, index) => (index === at ? item : other))
}

/** An answer to our own request may overtake the feed; the older of the two must not win. */
export function replacedByVersion(items: readonly InboxRow[], item: InboxRow): InboxRow[] {
  const known = items.find((other) => other.id === item.id)
  return known && known.version > item.version ? [...items] : replaced(items, item)
}

function without<T extends { id: string }>(items: readonly T[], id: string): T[] {
  return items.filter((item) => item.id !== id)
}
