import { describe, expect, it } from 'vitest'
import type { SupervisedAgent, SupervisedQueue, SupervisionSnapshot, WallBoard, WallBoardQueue } from '@core/api/types'
import { abandonRate, agentsHere, levelOver, tilesOf, totalsOf } from '@desk/board/board'

const AT = '2026-11-23T10:00:00Z'
const ms = (seconds: number): number => Date.parse(AT) + seconds * 1000
const none = { share: null, answered_in_target: 0, of: 0 }

function queue(name: string, part: Partial<WallBoardQueue> = {}): WallBoardQueue {
  return {
    id: name, key: name, name, waiting: 0, longest_wait_seconds: 0, answer_target_seconds: 60, service_level_now: none, service_level_today: none,
    offered: 0, answered: 0, abandoned: 0, average_speed_of_answer_seconds: null, ...part,
  } as WallBoardQueue
}

function board(queues: WallBoardQueue[], part: Partial<WallBoard> = {}): WallBoard {
  return { as_of: AT, queues, totals: { waiting: 2, longest_wait_seconds: 30, agents: { available: 1, busy: 0, wrap_up: 0, away: 0 } }, ...part } as WallBoard
}

function picture(at: string, queues: (Omit<Partial<SupervisedQueue>, 'id'> & { id: string })[], agents: Partial<SupervisedAgent>[] = []): SupervisionSnapshot {
  return { as_of: at, queues, agents, quarantined: 0, totals: { waiting: 5, longest_wait_seconds: 7, agents: { available: 0, busy: 3, wrap_up: 1, away: 2 } } } as unknown as SupervisionSnapshot
}

const words = (all: ReturnType<typeof tilesOf>): string[][] => all.map(({ name, word }) => [name, word])

describe('the tiles of the queues', () => {
  const waiting = (longest: number) => ({ waiting: 1, longest_wait_seconds: longest })

  it('stand worst first, and each says in a word how it is', () => {
    const queues = [queue('calm'), queue('late', waiting(61)), queue('later', waiting(400)), queue('soon', waiting(46)), queue('waits', waiting(10)), queue('free of target', { ...waiting(9999), answer_target_seconds: null })]
    expect(words(tilesOf(board(queues), null, ms(0)))).toEqual([
      ['later', 'late'], ['late', 'late'], ['soon', 'soon'], ['waits', 'waits'], ['free of target', 'waits'], ['calm', 'calm'],
    ])
  })

  it('become late by themselves, because a wait grows without being told', () => {
    const queues = [queue('a', waiting(40))]
    expect(tilesOf(board(queues), null, ms(20))[0]).toMatchObject({ word: 'soon', longestSeconds: 60, leftSeconds: 0 })
    expect(tilesOf(board(queues), null, ms(21))[0]).toMatchObject({ word: 'late', leftSeconds: -1 })
    expect(tilesOf(board([queue('b')]), null, ms(500))[0]).toMatchObject({ word: 'calm', longestSeconds: 0, leftSeconds: null })
  })

  it('say that nobody is free where that is known', () => {
    const live = { id: 'a', waiting: 1, longest_wait_seconds: 5, agents_available: 0, agents_with_skill: 2 }
    const tile = tilesOf(board([queue('a', waiting(5))]), picture(AT, [live]), ms(0))[0]
    expect(tile).toMatchObject({ word: 'unstaffed', available: 0, skilled: 2 })
    expect(tilesOf(board([queue('a', waiting(5))]), null, ms(0))[0]).toMatchObject({ word: 'waits', available: null })
  })

  it('count what is on offer too, which the pushed picture does not', () => {
    const newer = picture('2026-11-23T10:00:03Z', [{ id: 'a', waiting: 0, longest_wait_seconds: 0, agents_available: 1, agents_with_skill: 1 }])
    expect(tilesOf(board([queue('a', waiting(5))]), newer, ms(3))[0]).toMatchObject({ waiting: 1, longestSeconds: 8 })
  })
})

describe('the first row', () => {
  it('goes by the newer of what was pushed and what was asked for', () => {
    const asked = board([])
    expect(totalsOf(asked, picture('2026-11-23T10:00:03Z', []), ms(3))).toEqual({ waiting: 5, longestSeconds: 7, agents: { available: 0, busy: 3, wrap_up: 1, away: 2 } })
    expect(totalsOf(asked, picture('2026-11-23T09:59:00Z', []), ms(3))).toMatchObject({ waiting: 2, longestSeconds: 33 })
  })
})

describe('figures over all queues', () => {
  it('add counts, never shares; without anything to judge there is no figure', () => {
    expect(levelOver([{ share: 1, answered_in_target: 1, of: 1 }, { share: 0, answered_in_target: 0, of: 9 }])).toEqual({ share: 0.1, count: 1, of: 10 })
    expect(levelOver([none, none])).toEqual({ share: null, count: 0, of: 0 })
    expect(abandonRate([queue('a', { offered: 8, abandoned: 2 }), queue('b')])).toEqual({ share: 0.25, count: 2, of: 8 })
  })
})

describe('the agents on the board', () => {
  it('are those who are here, who does not respond first, then by how long', () => {
    const agent = (id: string, status: string, since: string, silent = false) => ({ id, status, since, not_responding: silent }) as SupervisedAgent
    const here = agentsHere([
      agent('off', 'offline', AT), agent('busy', 'busy', AT), agent('new', 'available', '2026-11-23T09:59:00Z'),
      agent('old', 'available', '2026-11-23T09:00:00Z'), agent('silent', 'away', AT, true),
    ])
    expect(here.map(({ id }) => id)).toEqual(['silent', 'old', 'new', 'busy'])
  })
})
