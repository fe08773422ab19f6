import { randomKey } from '@core/ids'
import type { Storage } from './storage'
import type { Unsent } from './types'

/** What was written longer ago is not sent without asking: it may have been said elsewhere since. */
const OLD_AFTER_MS = 60 * 60 * 1000

/** Messages that the server has not confirmed. They outlive the page; every change reads what another tab wrote. */
export class Outbox {
  constructor(
    private readonly storage: Storage,
    private readonly now: () => number = Date.now,
  ) {}

  all(): Unsent[] {
    try {
      return JSON.parse(this.storage.read('unsent') ?? '[]') as Unsent[]
    } catch {
      return []
    }
  }

  add(text: string): Unsent {
    const unsent: Unsent = { key: randomKey(), text, writtenAt: this.now(), held: null }
    this.save([...this.all(), unsent])
    return unsent
  }

  remove(key: string): void {
    this.save(this.all().filter((each) => each.key !== key))
  }

  hold(key: string, held: Unsent['held']): void {
    this.save(this.all().map((each) => (each.key === key ? { ...each, held } : each)))
  }

  /** Called when a page begins. */
  holdOld(): void {
    const limit = this.now() - OLD_AFTER_MS
    this.save(this.all().map((each) => (each.writtenAt < limit ? { ...each, held: each.held ?? 'old' } : each)))
  }

  /** The next one to send, in the order of writing. */
  next(): Unsent | undefined {
    return this.all().find((each) => each.held === null)
  }

  private save(all: Unsent[]): void {
    this.storage.write('unsent', all.length === 0 ? null : JSON.stringify(all))
  }
}
