/**
 * Estimates the server's time from the `Date` header of its answers, so that a countdown runs to the server's
 * deadline on a machine with a wrong clock. The header has whole seconds, so each answer bounds the offset from
 * both sides; the bounds are narrowed with every answer.
 */
export class ServerClock {
  private lowestMs = Number.NEGATIVE_INFINITY
  private highestMs = Number.POSITIVE_INFINITY

  constructor(private readonly local: () => number = Date.now) {}

  observe(dateHeader: string | null, sentAtMs: number, receivedAtMs: number): void {
    const stampedMs = dateHeader === null ? Number.NaN : Date.parse(dateHeader)
    if (Number.isNaN(stampedMs)) return
    const low = stampedMs - receivedAtMs
    const high = stampedMs + 999 - sentAtMs
    const disjoint = low > this.highestMs || high < this.lowestMs
    // Bounds that contradict one another mean that a clock was set: start again from the newest answer.
    this.lowestMs = disjoint ? low : Math.max(this.lowestMs, low)
    this.highestMs = disjoint ? high : Math.min(this.highestMs, high)
  }

  get offsetMs(): number {
    if (!Number.isFinite(this.lowestMs)) return 0
    // Zero is the likeliest offset when it is possible at all.
    if (this.lowestMs <= 0 && this.highestMs >= 0) return 0
    return Math.round((this.lowestMs + this.highestMs) / 2)
  }

  nowMs(): number {
    return this.local() + this.offsetMs
  }
}
