import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mount } from '../../src/widget/mount'
import { CATALOGUES } from '../../src/widget/texts'
import { FakeServer } from './fake-server'

let server: FakeServer
let host: HTMLElement

const turn = (ms = 30): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

function part<T extends HTMLElement>(selector: string): T {
  const found = host.shadowRoot?.querySelector<T>(selector)
  if (!found) throw new Error(`no ${selector}`)
  return found
}

async function open(language = 'en'): Promise<void> {
  host = mount({ api: 'https://care.example/api/router', queue: null, topic: null, name: null, language })
  part('#launcher').click()
  await turn()
}

async function type(text: string): Promise<HTMLTextAreaElement> {
  const field = part<HTMLTextAreaElement>('#text')
  field.value = text
  field.dispatchEvent(new Event('input', { bubbles: true }))
  await turn()
  return field
}

function press(target: HTMLElement, key: string, more: KeyboardEventInit & { keyCode?: number } = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...more })
  if (more.keyCode) Object.defineProperty(event, 'keyCode', { value: more.keyCode })
  target.dispatchEvent(event)
  return event
}

const said = (): string[] => server.chat?.messages.map((each) => each.text) ?? []

beforeEach(() => {
  server = new FakeServer()
  vi.stubGlobal('fetch', server.fetch)
  vi.stubGlobal('WebSocket', function WebSocket() { return server.open() })
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(async () => {
  await turn()
  host.remove()
  vi.unstubAllGlobals()
})

describe('the composer', () => {
  it('never sends while an input method composes, in either order of events', async () => {
    await open()
    const field = await type('nihao')
    field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }))
    press(field, 'Enter', { isComposing: true, keyCode: 229 })
    // Safari: the composition has ended when the Enter that ended it comes.
    field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }))
    press(field, 'Enter', { keyCode: 229 })
    press(field, 'Enter')
    await turn(50)
    expect(said()).toEqual([])
    press(field, 'Enter')
    await turn(60)
    expect(said()).toEqual(['nihao'])
    expect(part<HTMLTextAreaElement>('#text').value).toBe('')
  })

  it('starts a line with Enter in Chinese, and sends with Ctrl+Enter', async () => {
    await open('zh-CN')
    const field = await type('你好')
    expect(press(field, 'Enter').defaultPrevented).toBe(false)
    await turn()
    expect(said()).toEqual([])
    press(field, 'Enter', { ctrlKey: true })
    await turn(60)
    expect(said()).toEqual(['你好'])
  })

  it('starts a line with Shift+Enter and sends no blanks', async () => {
    await open()
    const field = await type('  \n ')
    press(field, 'Enter')
    press(await type('x'), 'Enter', { shiftKey: true })
    await turn()
    expect(said()).toEqual([])
  })

  it('says when a text is too long', async () => {
    await open()
    await type('x'.repeat(4001))
    expect(part<HTMLButtonElement>('.send').disabled).toBe(true)
    expect(part('#hint').textContent).toContain('4000')
  })
})

describe('the panel', () => {
  it('takes the focus, gives it back, and closes with Escape unless a composition is cancelled', async () => {
    await open()
    await turn(60)
    expect(host.shadowRoot?.activeElement?.id).toBe('text')
    press(part('#text'), 'Escape', { isComposing: true, keyCode: 229 })
    await turn()
    expect(host.shadowRoot?.querySelector('#panel')).not.toBeNull()
    press(part('#text'), 'Escape')
    await turn(60)
    expect(host.shadowRoot?.querySelector('#panel')).toBeNull()
    expect(host.shadowRoot?.activeElement?.id).toBe('launcher')
  })

  it('keeps its keys from the page', async () => {
    await open()
    const heard = vi.fn()
    document.addEventListener('keydown', heard)
    press(part('#text'), 'k')
    document.removeEventListener('keydown', heard)
    expect(heard).not.toHaveBeenCalled()
  })

  it('has a name, a log, and a launcher with words', async () => {
    await open()
    expect(part('#log').getAttribute('role')).toBe('log')
    expect(part('#log').getAttribute('aria-label')).toBe('Conversation')
    expect(part('#panel').getAttribute('aria-labelledby')).toBe('title')
    press(part('#text'), 'Escape')
    await turn()
    expect(part('#launcher').textContent).toContain('Chat with us')
  })

  it('shows script as the text that it is', async () => {
    await open()
    press(await type('<img src=x onerror=alert(1)>'), 'Enter')
    await turn(60)
    server.enter('active', 'Chen Jing')
    server.say('agent', '<script>alert(1)</script>')
    await turn(60)
    expect(part('.agent p').textContent).toBe('<script>alert(1)</script>')
    expect(host.shadowRoot?.querySelector('script, img')).toBeNull()
  })

  it('says the place, then who is there, then that it is over', async () => {
    await open()
    press(await type('Hello'), 'Enter')
    await turn(60)
    expect(part('.state').textContent).toBe('You are next in line')
    server.enter('active', 'Chen Jing')
    await turn(60)
    expect(part('.state').textContent).toBe('You are talking with Chen Jing')
    server.enter('ended', null, 'agent')
    await turn(60)
    expect(part('.state').textContent).toContain('has ended')
    expect(part('#again').textContent).toBe('Start a new conversation')
  })

  it('counts what was not read on the launcher', async () => {
    await open()
    press(await type('Hello'), 'Enter')
    await turn(60)
    press(part('#text'), 'Escape')
    server.say('agent', 'Good morning')
    await turn(60)
    expect(part('#launcher b').textContent).toBe('1 unread')
    part('#launcher').click()
    await turn()
    press(part('#text'), 'Escape')
    await turn()
    expect(host.shadowRoot?.querySelector('#launcher b')).toBeNull()
  })

  it('is open again after a reload with the unfinished text, and takes no focus', async () => {
    await open()
    await type('unfinished')
    host.remove()
    host = mount({ api: 'https://care.example/api/router', queue: null, topic: null, name: null, language: 'en' })
    await turn(60)
    expect(part<HTMLTextAreaElement>('#text').value).toBe('unfinished')
    expect(host.shadowRoot?.activeElement).toBeNull()
  })

  it('follows the language of the page', async () => {
    document.documentElement.lang = 'en'
    host = mount({ api: 'https://care.example/api/router', queue: null, topic: null, name: null, language: null })
    document.documentElement.lang = 'zh-CN'
    await turn(60)
    expect(part('#launcher').textContent).toContain('在线客服')
  })
})

describe('the texts', () => {
  it('are the same in both languages', () => {
    expect(Object.keys(CATALOGUES.en).sort()).toEqual(Object.keys(CATALOGUES['zh-CN']).sort())
    for (const [key, text] of Object.entries(CATALOGUES.en)) {
      const fields = (of: string): string[] => [...of.matchAll(/\{\w+\}/g)].map(String).sort()
      expect(fields(CATALOGUES['zh-CN'][key] ?? ''), key).toEqual(fields(text))
    }
  })
})
