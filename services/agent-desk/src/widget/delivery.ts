import { ApiProblem } from '@core/api/problem'
import { backOffMs } from '@core/feed/back-off'
import { TooFast } from './api'
import type { Outbox } from './outbox'
import type { Unsent } from './types'

/** Whatever is wrong with the message itself does not get better by sending it again. */
const REFUSALS = [400, 413, 422]

/**
 * Empties the outbox, one message after the other in the order of writing. A line that breaks only delays it.
 */
export class Delivery {
  private running: Promise<void> | null = null
  private again = false
  private attempt = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly outbox: Outbox,
    /** Sends one message; resolves when the server has kept it. */
    private readonly send: (unsent: Unsent) => Promise<void>,
    private readonly onChange: () => void,
  ) {}

  /** Send what there is, now. */
  flush(): Promise<void> {
    clearTimeout(this.timer)
    this.again = true
    this.running ??= this.run().finally(() => {
      this.running = null
    })
    return this.running
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  private async run(): Promise<void> {
    while (this.again) {
      this.again = false
      for (let unsent = this.outbox.next(); unsent; unsent = this.outbox.next()) {
        if (!(await this.deliver(unsent))) return
      }
    }
  }

  /** Whether to go on with the next one. */
  private async deliver(unsent: Unsent): Promise<boolean> {
    try {
      await this.send(unsent)
      this.outbox.remove(unsent.key)
      this.attempt = 0
      return true
    } catch (fault) {
      return this.afterFault(unsent, fault)
    } finally {
      this.onChange()
    }
  }

  private afterFault(unsent: Unsent, fault: unknown): boolean {
    if (fault instanceof ApiProblem && fault.code === 'chat-ended') {
      for (const each of this.outbox.all()) this.outbox.hold(each.key, each.held ?? 'ended')
      return false
    }
    if (fault instanceof ApiProblem && REFUSALS.includes(fault.status)) {
      this.outbox.hold(unsent.key, 'refused')
      return true
    }
    const waitMs = fault instanceof TooFast ? fault.waitMs : backOffMs(this.attempt)
    this.attempt += 1
    this.timer = setTimeout(() => void this.flush(), waitMs)
    return false
  }
}
