/** 229 is what browsers report for a key that the input method has taken; Safari reports it after `compositionend`. */
const KEY_TAKEN_BY_IME = 229
/** Safari sends the Enter that ended a composition a moment later as an ordinary key. */
const ENTER_AFTER_COMPOSITION_MS = 30

export function isImeKey(event: KeyboardEvent): boolean {
  // keyCode is deprecated but nothing else tells in Safari's order of events (WebKit bug 165004).
  return event.isComposing || event.keyCode === KEY_TAKEN_BY_IME
}

/**
 * Keeps keys that belong to the input method from every listener of the page, libraries included.
 * Must be installed first. It never prevents the default, so typing works.
 */
export function installImeGuard(target: EventTarget): () => void {
  const guard = (event: Event): void => {
    if (isImeKey(event as KeyboardEvent)) event.stopImmediatePropagation()
  }
  target.addEventListener('keydown', guard, true)
  return () => {
    target.removeEventListener('keydown', guard, true)
  }
}

export interface EnterGate {
  compositionStarted(): void
  compositionEnded(atMs: number): void
  /** Whether an Enter at this moment was meant for the page rather than for the input method. */
  allows(event: KeyboardEvent, atMs: number): boolean
}

export function createEnterGate(): EnterGate {
  let composing = false
  let endedAtMs = Number.NEGATIVE_INFINITY
  return {
    compositionStarted() {
      composing = true
    },
    compositionEnded(atMs) {
      composing = false
      endedAtMs = atMs
    },
    allows(event, atMs) {
      return !composing && !isImeKey(event) && atMs - endedAtMs >= ENTER_AFTER_COMPOSITION_MS
    },
  }
}
