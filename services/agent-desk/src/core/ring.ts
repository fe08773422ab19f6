export interface RingPorts {
  /** Takes a lock that no other tab has and holds it until `held` ends; false when another tab has it. */
  claim: (name: string, held: Promise<void>) => Promise<boolean>
  play: () => void
  canPlay: () => boolean
  wait: (ms: number) => Promise<void>
}

/** A tab whose sound is locked lets another one go first. */
const LOCKED_TAB_WAITS_MS = 200

/** Rings once for each offer over all tabs of the person, and not again when the feed repeats the offer. */
export class Ringer {
  private readonly ringing = new Map<string, () => void>()

  constructor(private readonly ports: RingPorts) {}

  async ring(offerId: string): Promise<boolean> {
    if (this.ringing.has(offerId)) return false
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    this.ringing.set(offerId, release)
    if (!this.ports.canPlay()) await this.ports.wait(LOCKED_TAB_WAITS_MS)
    if (!this.ringing.has(offerId)) return false
    const ours = await this.ports.claim(`careline:ring:${offerId}`, held)
    if (ours) this.ports.play()
    return ours
  }

  end(offerId: string): void {
    this.ringing.get(offerId)?.()
    this.ringing.delete(offerId)
  }
}

/** Web Locks over all tabs of the origin; without them (plain http) each tab rings for itself. */
export async function claimWithLock(name: string, held: Promise<void>): Promise<boolean> {
  if (!('locks' in navigator)) return true
  return await new Promise<boolean>((resolve) => {
    void navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      resolve(lock !== null)
      if (lock) await held
    })
  })
}
