import { describe, expect, it, vi } from 'vitest'
import { Ringer } from '@core/ring'

/** Two tabs of one browser: they share the locks and nothing else. */
function tabs(...canPlay: boolean[]) {
  const taken = new Set<string>()
  return canPlay.map((unlocked) => {
    const play = vi.fn()
    const ringer = new Ringer({
      play,
      canPlay: () => unlocked,
      wait: () => new Promise((resolve) => setTimeout(resolve, 5)),
      claim: (name, held) => {
        if (taken.has(name)) return Promise.resolve(false)
        taken.add(name)
        void held.then(() => taken.delete(name))
        return Promise.resolve(true)
      },
    })
    return { ringer, play }
  })
}

describe('an offer', () => {
  it('rings in one tab only', async () => {
    const [a, b] = tabs(true, true)
    await Promise.all([a?.ringer.ring('off_1'), b?.ringer.ring('off_1')])
    expect(Number(a?.play.mock.calls.length) + Number(b?.play.mock.calls.length)).toBe(1)
  })

  it('rings in the tab that may make a sound', async () => {
    const [silent, loud] = tabs(false, true)
    await Promise.all([silent?.ringer.ring('off_1'), loud?.ringer.ring('off_1')])
    expect(loud?.play).toHaveBeenCalledOnce()
    expect(silent?.play).not.toHaveBeenCalled()
  })

  it('does not ring again when the feed repeats it, nor after it ended', async () => {
    const [only] = tabs(true)
    await only?.ringer.ring('off_1')
    await only?.ringer.ring('off_1')
    expect(only?.play).toHaveBeenCalledOnce()
  })

  it('that ends while a silent tab waits does not ring there', async () => {
    const [silent] = tabs(false)
    const ringing = silent?.ringer.ring('off_1')
    silent?.ringer.end('off_1')
    await ringing
    expect(silent?.play).not.toHaveBeenCalled()
  })
})
