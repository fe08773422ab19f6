import { afterEach, describe, expect, it, vi } from 'vitest'
import { createEnterGate, installImeGuard } from '@core/ime'

function key(init: KeyboardEventInit & { keyCode?: number }): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })
  if (init.keyCode !== undefined) Object.defineProperty(event, 'keyCode', { value: init.keyCode })
  return event
}

describe('the guard against keys of the input method', () => {
  let remove = (): void => undefined
  afterEach(() => {
    remove()
  })

  it.each([
    ['Chrome: Enter while composing', key({ key: 'Enter', isComposing: true, keyCode: 229 })],
    ['Safari: Enter after compositionend, told by 229 alone', key({ key: 'Enter', isComposing: false, keyCode: 229 })],
  ])('%s reaches nobody and still types', (_, event) => {
    remove = installImeGuard(window)
    const listener = vi.fn()
    window.addEventListener('keydown', listener)
    document.body.dispatchEvent(event)
    expect(listener).not.toHaveBeenCalled()
    expect(event.defaultPrevented).toBe(false)
    window.removeEventListener('keydown', listener)
  })

  it('lets a real Enter through', () => {
    remove = installImeGuard(window)
    const listener = vi.fn()
    window.addEventListener('keydown', listener)
    document.body.dispatchEvent(key({ key: 'Enter', keyCode: 13 }))
    expect(listener).toHaveBeenCalledOnce()
    window.removeEventListener('keydown', listener)
  })
})

describe('the gate of a composer', () => {
  it('refuses Enter during composition and for 30 ms after it', () => {
    const gate = createEnterGate()
    const enter = key({ key: 'Enter', keyCode: 13 })
    expect(gate.allows(enter, 0)).toBe(true)
    gate.compositionStarted()
    expect(gate.allows(enter, 10)).toBe(false)
    gate.compositionEnded(100)
    expect(gate.allows(enter, 129)).toBe(false)
    expect(gate.allows(enter, 130)).toBe(true)
  })
})
