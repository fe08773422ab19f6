import { describe, expect, it } from 'vitest'
import type { Message } from '@core/api/types'
import { timelineItems } from '@desk/conversation/timeline-items'
import { merged } from '@desk/stores/conversations'

function message(seq: number, more: Partial<Message> = {}): Message {
  return { id: `msg_${String(seq)}`, seq, kind: 'inbound', text: '', sent_at: '2026-11-22T10:00:00Z', ...more } as Message
}

describe('messages', () => {
  it('stand in their order and once, whichever way they came', () => {
    const page = [message(3), message(2)]
    const feed = [message(3, { delivery: 'sent' }), message(4)]
    const all = merged(merged([], page), feed)
    expect(all.map(({ seq }) => seq)).toEqual([2, 3, 4])
    expect(all[1]?.delivery).toBe('sent')
  })

  it('show their day, what is new, and what is on its way', () => {
    const outgoing = [{ key: 'k', text: 'later' }] as never
    const items = timelineItems([message(1), message(2, { kind: 'reply' }), message(3)], outgoing, 2)
    expect(items.map(({ type }) => type)).toEqual(['day', 'message', 'message', 'new', 'message', 'outgoing'])
  })
})
