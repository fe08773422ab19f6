import { describe, expect, it } from 'vitest'
import { DEFAULT_BINDINGS, DEFAULT_KEY_SETTINGS, KeyReader, type KeySettings } from '@core/keys'

function press(key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const code = /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : ''
  return new KeyboardEvent('keydown', { key, code, ...more })
}

function reader(settings: KeySettings = DEFAULT_KEY_SETTINGS, mac = false): KeyReader {
  return new KeyReader(() => settings, mac)
}

describe('keys', () => {
  it('of one letter work outside text fields only', () => {
    expect(reader().read(press('j'), false, 0)).toBe('row-next')
    expect(reader().read(press('j'), true, 0)).toBeNull()
  })

  it('of one letter can be switched off', () => {
    expect(reader({ ...DEFAULT_KEY_SETTINGS, singleKeys: false }).read(press('j'), false, 0)).toBeNull()
  })

  it('with Ctrl work in fields too; on a Mac it is ⌘', () => {
    expect(reader().read(press('k', { ctrlKey: true }), true, 0)).toBe('palette')
    expect(reader(DEFAULT_KEY_SETTINGS, true).read(press('k', { metaKey: true }), true, 0)).toBe('palette')
    expect(reader().read(press('A', { ctrlKey: true, shiftKey: true }), true, 0)).toBe('offer-accept')
  })

  it('go by their place when the layout is not Latin', () => {
    expect(reader().read(press('о', { code: 'KeyJ' }), false, 0)).toBe('row-next')
  })

  it('in a row are one command, unless too slow', () => {
    const keys = reader()
    expect(keys.read(press('g'), false, 0)).toBeNull()
    expect(keys.read(press('i'), false, 500)).toBe('go-inbox')
    expect(keys.read(press('g'), false, 1000)).toBeNull()
    expect(keys.read(press('i'), false, 5000)).toBeNull()
  })

  it('can be changed', () => {
    const settings: KeySettings = { singleKeys: true, remapped: { 'row-next': 'X' } }
    expect(reader(settings).read(press('x'), false, 0)).toBe('row-next')
    expect(reader(settings).read(press('j'), false, 0)).toBeNull()
  })

  it('never take Alt with a letter, AltGr, or a key of the browser', () => {
    const taken = ['Mod+T', 'Mod+N', 'Mod+W', 'Mod+Tab', 'Mod+Shift+T']
    for (const { keys } of DEFAULT_BINDINGS) {
      expect(keys).not.toMatch(/Alt\+(Shift\+)?[A-Z]$/)
      expect(keys).not.toMatch(/Mod\+Alt/)
      expect(taken).not.toContain(keys)
    }
    // ą on a Polish keyboard.
    expect(reader().read(press('ą', { altKey: true, ctrlKey: true, code: 'KeyA' }), true, 0)).toBeNull()
  })
})
