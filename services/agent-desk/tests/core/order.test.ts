import { describe, expect, it } from 'vitest'
import type { InboxRow } from '@core/api/types'
import { applyFrame, inOrder, type DeskState } from '@core/desk-state'
import { holdOrder } from '@core/held-order'

function row(id: string, more: Partial<InboxRow> = {}): InboxRow {
  return {
    id, channel: 'mail', state: 'active', sort_key: id, waiting_since: '2026-11-22T10:00:00Z', target_at: null, unread: 0,
    customer: { id: null, name: '', identity: 'unknown', tier: null, history: 'ready' }, subject: '', snippet: '',
    queue: { id: 'que_1', name: '' }, language: null, updated_at: '2026-11-22T10:00:00Z', version: 1, ...more,
  } as InboxRow
}

function desk(interactions: InboxRow[]): DeskState {
  return {
    cursor: 1, offers: [], interactions, counts: { mine: 0, queue: 0 }, settings: { enter_sends: false, order: 'urgency' },
    agent: { id: 'per_1', name: '', presence: { status: 'away', since: '', reason: null, not_responding: false }, skills: [], capacity: { mail: 1, chat: 1 } },
  } as unknown as DeskState
}

const ids = (rows: InboxRow[]): string[] => rows.map(({ id }) => id)

describe('the order of the inbox', () => {
  it('is the server’s key; ties go by id, so that a reload shows the same', () => {
    const rows = [row('c', { sort_key: '2' }), row('b', { sort_key: '1' }), row('a', { sort_key: '2' })]
    expect(ids(inOrder(rows))).toEqual(['b', 'a', 'c'])
    expect(ids(inOrder([...rows].reverse()))).toEqual(['b', 'a', 'c'])
  })

  it('can be by waiting time instead', () => {
    const rows = [row('old', { waiting_since: '2026-11-22T08:00:00Z' }), row('new', { waiting_since: '2026-11-22T09:00:00Z' })]
    expect(ids(inOrder(rows, 'newest'))).toEqual(['new', 'old'])
    expect(ids(inOrder(rows, 'oldest'))).toEqual(['old', 'new'])
  })
})

describe('a held order', () => {
  it('moves nothing: who left stays, who came goes last, and it counts', () => {
    expect(holdOrder(['a', 'b', 'c'], ['n', 'c', 'a'], true)).toEqual({ ids: ['a', 'b', 'c', 'n'], moved: 3 })
  })

  it('counts the one that jumps to the top, not all those it passes', () => {
    expect(holdOrder(['a', 'b', 'c', 'd'], ['d', 'a', 'b', 'c'], true).moved).toBe(1)
  })

  it('counts nothing when nothing differs', () => {
    expect(holdOrder(['a', 'b'], ['a', 'b'], true)).toEqual({ ids: ['a', 'b'], moved: 0 })
  })

  it('is the wanted one when let go', () => {
    expect(holdOrder(['a', 'b'], ['b', 'a'], false)).toEqual({ ids: ['b', 'a'], moved: 0 })
  })
})

describe('the desk after an event', () => {
  it('holds the new row in place of the old one', () => {
    const next = applyFrame(desk([row('a')]), { seq: 2, type: 'interaction.changed', data: row('a', { unread: 3, version: 2 }) })
    expect(next.cursor).toBe(2)
    expect(next.interactions).toEqual([row('a', { unread: 3, version: 2 })])
  })

  it('keeps the newer state when our own answer overtook the feed', () => {
    const state = desk([row('a', { state: 'wrap_up', version: 5 })])
    const next = applyFrame(state, { seq: 2, type: 'interaction.changed', data: row('a', { version: 4 }) })
    expect(next.interactions[0]?.state).toBe('wrap_up')
  })

  it('lets go of what left', () => {
    const next = applyFrame(desk([row('a'), row('b')]), { seq: 2, type: 'interaction.removed', data: { id: 'a', cause: 'closed' } })
    expect(ids(next.interactions)).toEqual(['b'])
  })

  it('does not mind an event that it does not know', () => {
    const state = desk([row('a')])
    expect(applyFrame(state, { seq: 2, type: 'something.new', data: {} })).toEqual({ ...state, cursor: 2 })
  })
})
