import { ref } from 'vue'
import { stored } from '@desk/common/stored'

const proven = stored('careline:sound-proven', false)
const locked = ref(true)
let context: AudioContext | null = null

/** Browsers give sound only after a press on the page; any first press of a visit unlocks it. */
async function unlock(): Promise<void> {
  context ??= new AudioContext()
  await context.resume().catch(() => undefined)
  locked.value = context.state !== 'running'
}

/** Two soft notes, made here so that no sound file can fail to load. */
function play(): void {
  if (context?.state !== 'running') return
  const start = context.currentTime
  for (const [index, hertz] of [659.3, 880].entries()) tone(context, hertz, start + index * 0.18)
}

function tone(audio: AudioContext, hertz: number, at: number): void {
  const oscillator = audio.createOscillator()
  const gain = audio.createGain()
  oscillator.frequency.value = hertz
  gain.gain.setValueAtTime(0, at)
  gain.gain.linearRampToValueAtTime(0.5, at + 0.02)
  gain.gain.exponentialRampToValueAtTime(0.001, at + 0.55)
  oscillator.connect(gain).connect(audio.destination)
  oscillator.start(at)
  oscillator.stop(at + 0.6)
}

for (const event of ['pointerdown', 'keydown']) {
  addEventListener(event, () => {
    if (proven.value && locked.value) void unlock()
  })
}

export function useSound() {
  return { proven, locked, unlock, play, canPlay: (): boolean => context?.state === 'running' }
}
