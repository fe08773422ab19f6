import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WidgetApi } from '../../src/widget/api'
import { Cells } from '../../src/widget/cells'
import { Conversation } from '../../src/widget/conversation'
import { Storage } from '../../src/widget/storage'
import { FakeServer } from './fake-server'

let server: FakeServer
let storage: Storage
let pages: Conversation[]

function page(): Conversation {
  const conversation = new Conversation({
    cells: new Cells(),
    api: new WidgetApi('https://care.example/api/router', server.fetch),
    storage,
    opening: () => ({ language: 'en' }),
    open: server.open,
  })
  pages.push(conversation)
  return conversation
}

/** Let answers arrive and timers of up to a minute run. */
const settle = (ms = 60_000) => vi.advanceTimersByTimeAsync(ms)
const texts = (conversation: Conversation): string[] => conversation.messages.value.map((each) => each.text)
const kept = (): string[] => server.chat?.messages.map((each) => each.text) ?? []

beforeEach(() => {
  vi.useFakeTimers()
  server = new FakeServer()
  storage = new Storage(null)
  pages = []
})
afterEach(() => {
  for (const each of pages) each.stop()
  vi.useRealTimers()
})

describe('a conversation', () => {
  it('tells nobody of a visitor who never writes', async () => {
    await page().resume()
    await settle()
    expect(server.requests).toEqual([])
  })

  it('begins with the first message and hears what comes back', async () => {
    const here = page()
    void here.say('Hello')
    await settle(100)
    server.enter('active', 'Chen Jing')
    server.say('agent', 'Good morning')
    await settle(100)
    expect(texts(here)).toEqual(['Hello', 'Good morning'])
    expect(here.chat.value?.agent?.name).toBe('Chen Jing')
    expect(here.unsent.value).toEqual([])
  })

  it('opens one chat however fast somebody writes, in the order of writing', async () => {
    const here = page()
    for (const text of ['one', 'two', 'three']) void here.say(text)
    await settle()
    expect(server.requests.filter((each) => each === 'POST /chats')).toHaveLength(1)
    expect(kept()).toEqual(['one', 'two', 'three'])
  })

  it('keeps what could not be sent over a reload, and says it once', async () => {
    const before = page()
    void before.say('Hello')
    await settle(100)
    server.down = true
    server.dropLines()
    void before.say('on the train')
    await settle(1000)
    before.stop()
    expect(kept()).toEqual(['Hello'])
    const after = page()
    void after.resume()
    await settle(1000)
    expect(after.unsent.value.map((each) => each.text)).toEqual(['on the train'])
    server.down = false
    await settle()
    expect(kept()).toEqual(['Hello', 'on the train'])
    expect(texts(after)).toEqual(['Hello', 'on the train'])
    expect(after.unsent.value).toEqual([])
  })

  it('says a message once whose answer was lost', async () => {
    const here = page()
    void here.say('Hello')
    await settle(100)
    server.loseAnswers = true
    void here.say('Twice?')
    await settle(3000)
    server.loseAnswers = false
    await settle()
    expect(kept()).toEqual(['Hello', 'Twice?'])
    expect(texts(here)).toEqual(['Hello', 'Twice?'])
  })

  it('takes the line’s word that a message has arrived', async () => {
    const here = page()
    void here.say('Hello')
    await settle(100)
    server.loseAnswers = true
    void here.say('More')
    await settle(50)
    expect(here.unsent.value).toEqual([])
    expect(texts(here)).toEqual(['Hello', 'More'])
  })

  it('misses nothing that was said while the line was gone', async () => {
    const here = page()
    void here.say('Hello')
    await settle(100)
    server.down = true
    server.dropLines()
    server.say('agent', 'while you were away')
    await settle(2000)
    expect(here.line.value.name).toBe('offline')
    server.down = false
    await settle()
    expect(texts(here)).toEqual(['Hello', 'while you were away'])
    expect(here.line.value.name).toBe('live')
  })

  it('waits as long as it is asked to after too much at once', async () => {
    const here = page()
    void here.say('Hello')
    await settle(100)
    server.refusals = [{ status: 429, type: 'too-many-requests', retryAfter: 30 }]
    void here.say('More')
    await settle(29_000)
    expect(kept()).toEqual(['Hello'])
    await settle(2000)
    expect(kept()).toEqual(['Hello', 'More'])
  })

  it('holds a message that is refused and goes on with the next', async () => {
    const here = page()
    void here.say('Hello')
    await settle(100)
    server.refusals = [{ status: 422, type: 'invalid-input' }]
    void here.say('bad')
    void here.say('good')
    await settle()
    expect(kept()).toEqual(['Hello', 'good'])
    expect(here.unsent.value.map((each) => each.held)).toEqual(['refused'])
    here.discard(here.unsent.value[0]?.key ?? '')
    expect(here.unsent.value).toEqual([])
  })

  it('asks before it sends what was written for a chat that is over', async () => {
    const here = page()
    void here.say('Hello')
    await settle(100)
    if (server.chat) server.chat.state = 'ended'
    void here.say('too late')
    await settle()
    expect(here.chat.value?.state).toBe('ended')
    expect(here.unsent.value.map((each) => each.held)).toEqual(['ended'])
    here.startAnew()
    await settle()
    expect(kept()).toEqual(['too late'])
    expect(here.unsent.value).toEqual([])
  })

  it('asks before it sends what is an hour old', async () => {
    server.down = true
    const before = page()
    void before.say('old')
    await settle(1000)
    before.stop()
    vi.setSystemTime(Date.now() + 2 * 3_600_000)
    server.down = false
    const after = page()
    await after.resume()
    await settle()
    expect(server.chat).toBeNull()
    expect(after.unsent.value.map((each) => each.held)).toEqual(['old'])
    void after.release(after.unsent.value[0]?.key ?? '')
    await settle()
    expect(kept()).toEqual(['old'])
  })

  it('becomes a new visitor when the old one was forgotten, and still says it', async () => {
    storage.write('token', 'forgotten')
    const here = page()
    server.refusals = [{ status: 401, type: 'unknown-visitor' }]
    await here.resume()
    void here.say('Hello')
    await settle()
    expect(server.visitors).toBe(1)
    expect(kept()).toEqual(['Hello'])
  })

  it('ends once, and stays ended over a reload', async () => {
    const here = page()
    void here.say('Hello')
    await settle(100)
    await here.end()
    expect(here.chat.value?.state).toBe('ended')
    const after = page()
    await after.resume()
    expect(after.chat.value?.ended_by).toBe('visitor')
    expect(texts(after)).toEqual(['Hello'])
  })

  it('does not take an old snapshot for the newest', async () => {
    const here = page()
    void here.say('Hello')
    await settle(100)
    const slow = server.fetch
    const snapshot = await (await slow('https://care.example/v1/chats/current')).json() as unknown
    server.say('agent', 'newer')
    await settle(10)
    vi.spyOn(WidgetApi.prototype, 'get').mockResolvedValueOnce(snapshot)
    server.refusals = [{ status: 409, type: 'chat-ended' }]
    void here.say('x')
    await settle(100)
    expect(texts(here)).toContain('newer')
  })
})
