import type { AgentCounts, ServiceLevel, SupervisedAgent, SupervisedQueue, SupervisionSnapshot, WallBoard, WallBoardQueue } from '@core/api/types'

/** From this share of its target on, a wait is called near to it. */
export const NEAR_SHARE = 0.75

/** By how bad it is, the worst first. */
export const TILE_WORDS = ['late', 'unstaffed', 'soon', 'waits', 'calm'] as const
export type TileWord = typeof TILE_WORDS[number]

export interface Tile {
  id: string
  name: string
  word: TileWord
  waiting: number
  longestSeconds: number
  targetSeconds: number | null
  /** What is left until the target of the one who waits longest; below zero it is missed. */
  leftSeconds: number | null
  /** Unknown to those who may not see the supervisor's figures. */
  available: number | null
  skilled: number | null
  today: ServiceLevel
}

export interface Rate {
  share: number | null
  count: number
  of: number
}

/**
 * The tiles of all queues, the worst first. Waits are counted on from the moment of the picture: they grow by themselves.
 * The supervisor's picture only says who is there: it does not count work that is on offer, which still waits.
 */
export function tilesOf(board: WallBoard, picture: SupervisionSnapshot | null, nowMs: number): Tile[] {
  const there = new Map(picture?.queues.map((queue) => [queue.id, queue]))
  const agedSeconds = Math.max(0, nowMs - Date.parse(board.as_of)) / 1000
  return board.queues.map((queue) => tileOf(queue, there.get(queue.id), agedSeconds)).sort(worseFirst)
}

function tileOf(queue: WallBoardQueue, there: SupervisedQueue | undefined, agedSeconds: number): Tile {
  const longestSeconds = queue.waiting > 0 ? queue.longest_wait_seconds + agedSeconds : 0
  const targetSeconds = queue.answer_target_seconds
  const leftSeconds = queue.waiting > 0 && targetSeconds !== null ? targetSeconds - longestSeconds : null
  const available = there?.agents_available ?? null
  return {
    id: queue.id, name: queue.name, waiting: queue.waiting, longestSeconds, targetSeconds, leftSeconds,
    available, skilled: there?.agents_with_skill ?? null, today: queue.service_level_today,
    word: wordOf(queue.waiting, longestSeconds, targetSeconds, available),
  }
}

function wordOf(waiting: number, longestSeconds: number, targetSeconds: number | null, available: number | null): TileWord {
  if (waiting === 0) return 'calm'
  if (targetSeconds !== null && longestSeconds > targetSeconds) return 'late'
  if (available === 0) return 'unstaffed'
  if (targetSeconds !== null && longestSeconds > targetSeconds * NEAR_SHARE) return 'soon'
  return 'waits'
}

function worseFirst(a: Tile, b: Tile): number {
  const rank = (tile: Tile): number => TILE_WORDS.indexOf(tile.word)
  const pressure = (tile: Tile): number => (tile.targetSeconds ? tile.longestSeconds / tile.targetSeconds : 0)
  return rank(a) - rank(b) || pressure(b) - pressure(a) || b.longestSeconds - a.longestSeconds || b.waiting - a.waiting || a.name.localeCompare(b.name)
}

/** The newer of the two pictures: how many wait, for how long, and what the agents do. */
export function totalsOf(board: WallBoard, picture: SupervisionSnapshot | null, nowMs: number): { waiting: number; longestSeconds: number; agents: AgentCounts } {
  const newest = picture !== null && Date.parse(picture.as_of) >= Date.parse(board.as_of) ? picture : board
  const { waiting, longest_wait_seconds: longest, agents } = newest.totals
  const aged = Math.max(0, nowMs - Date.parse(newest.as_of)) / 1000
  return { waiting, longestSeconds: waiting > 0 ? longest + aged : 0, agents }
}

/** One service level over all queues: the counts are added, not the shares. */
export function levelOver(levels: readonly ServiceLevel[]): Rate {
  return rateOf(sum(levels.map((level) => level.answered_in_target)), sum(levels.map((level) => level.of)))
}

export function abandonRate(queues: readonly WallBoardQueue[]): Rate {
  return rateOf(sum(queues.map((queue) => queue.abandoned)), sum(queues.map((queue) => queue.offered)))
}

function rateOf(count: number, of: number): Rate {
  return { share: of > 0 ? count / of : null, count, of }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

const ORDER: readonly string[] = ['not_responding', 'available', 'busy', 'break', 'away', 'offline']

export function statusOf(agent: SupervisedAgent): string {
  return agent.not_responding ? 'not_responding' : agent.status
}

/** Who is here, by what they do and for how long; whoever is off duty is not on the board. */
export function agentsHere(agents: readonly SupervisedAgent[]): SupervisedAgent[] {
  return agents.filter(({ status }) => status !== 'offline').sort((a, b) =>
    ORDER.indexOf(statusOf(a)) - ORDER.indexOf(statusOf(b)) || Date.parse(a.since) - Date.parse(b.since))
}
