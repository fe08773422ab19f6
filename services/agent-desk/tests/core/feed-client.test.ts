import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { backOffMs } from '@core/feed/back-off'
import { FeedClient, type FeedFrame, type FeedOptions, type FeedState, type SocketLike } from '@core/feed/feed-client'

class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  sent: Record<string, unknown>[] = []
  closed = false

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }

  close(): void {
    this.closed = true
  }

  receive(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

function setUp(options: Partial<FeedOptions> = {}) {
  const sockets: FakeSocket[] = []
  const events: FeedFrame[] = []
  const states: FeedState[] = []
  const token = vi.fn((renew: boolean) => Promise.resolve(renew ? 'fresh' : 'token'))
  const client = new FeedClient({
    open: () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
    token,
    onEvent: (frame) => events.push(frame),
    onState: (state) => states.push(state),
    random: () => 1,
    cursor: 5,
    ...options,
  })
  const connect = async (): Promise<FakeSocket> => {
    await vi.advanceTimersByTimeAsync(0)
    const socket = sockets.at(-1)
    if (!socket) throw new Error('no socket was opened')
    socket.onopen?.()
    return socket
  }
  return { client, sockets, events, states, token, connect }
}

describe('the feed', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('asks for what came after its cursor and is live when the server says ready', async () => {
    const { client, states, connect } = setUp()
    client.start()
    const socket = await connect()
    expect(socket.sent[0]).toEqual({ type: 'authenticate', token: 'token', after: 5 })
    expect(states.at(-1)).toEqual({ name: 'catching-up', received: 0 })
    socket.receive({ seq: 6, type: 'offer.changed', data: {} })
    expect(states.at(-1)).toEqual({ name: 'catching-up', received: 1 })
    socket.receive({ type: 'ready', cursor: 6 })
    expect(states.at(-1)).toEqual({ name: 'live' })
  })

  it('gives each event once though the server repeats it', async () => {
    const { client, events, connect } = setUp()
    client.start()
    const socket = await connect()
    for (const seq of [5, 6, 6, 7]) socket.receive({ seq, type: 'interaction.changed', data: {} })
    expect(events.map(({ seq }) => seq)).toEqual([6, 7])
  })

  it('comes back by itself after a lost line and resumes from the last event, not from a time', async () => {
    const { client, sockets, states, connect } = setUp()
    client.start()
    const first = await connect()
    first.receive({ type: 'ready', cursor: 5 })
    first.receive({ seq: 9, type: 'message.added', data: {} })
    first.onclose?.({ code: 1006 })
    expect(states.at(-1)?.name).toBe('offline')
    await vi.advanceTimersByTimeAsync(backOffMs(0, () => 1))
    expect(sockets).toHaveLength(2)
    const second = await connect()
    expect(second.sent[0]).toMatchObject({ after: 9 })
  })

  it('keeps the moment since when it is offline over all attempts', async () => {
    const { client, states, sockets } = setUp({ now: () => 1234 })
    client.start()
    await vi.advanceTimersByTimeAsync(0)
    for (let attempt = 0; attempt < 3; attempt += 1) {
      sockets.at(-1)?.onclose?.({ code: 1006 })
      await vi.advanceTimersByTimeAsync(20_000)
    }
    expect(sockets.length).toBeGreaterThanOrEqual(4)
    expect(states.filter(({ name }) => name === 'offline').every((state) => 'since' in state && state.since === 1234)).toBe(true)
  })

  it('takes a fresh snapshot when the server cannot resume', async () => {
    const onReset = vi.fn(() => Promise.resolve(40))
    const { client, connect } = setUp({ onReset })
    client.start()
    const socket = await connect()
    socket.receive({ type: 'reset' })
    await vi.advanceTimersByTimeAsync(0)
    expect(onReset).toHaveBeenCalledOnce()
    const second = await connect()
    expect(second.sent[0]).toMatchObject({ after: 40 })
  })

  it('holds a silent line for dead', async () => {
    const { client, states, connect } = setUp()
    client.start()
    const socket = await connect()
    socket.receive({ type: 'ready', cursor: 5 })
    await vi.advanceTimersByTimeAsync(30_000)
    socket.receive({ type: 'heartbeat' })
    await vi.advanceTimersByTimeAsync(30_000)
    expect(states.at(-1)?.name).toBe('live')
    await vi.advanceTimersByTimeAsync(6_000)
    expect(states.at(-1)?.name).toBe('offline')
    expect(socket.closed).toBe(true)
  })

  it('asks for a fresh token when the old one was refused', async () => {
    const { client, token, connect } = setUp()
    client.start()
    const socket = await connect()
    socket.onclose?.({ code: 4401 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(token).toHaveBeenLastCalledWith(true)
  })

  it('renews the token on the open line before it ends, by what the server says and not by a timer', async () => {
    const { client, connect } = setUp()
    client.start()
    const socket = await connect()
    for (let beats = 0; beats < 9; beats += 1) {
      await vi.advanceTimersByTimeAsync(30_000)
      socket.receive({ type: 'heartbeat' })
    }
    expect(socket.sent.slice(1)).toEqual([{ type: 'authenticate', token: 'fresh' }])
    // A hidden page gets no timer for minutes; the next word of the server is enough.
    vi.setSystemTime(Date.now() + 250_000)
    socket.receive({ type: 'heartbeat' })
    await Promise.resolve()
    expect(socket.sent.slice(1)).toHaveLength(2)
  })
})

describe('the waiting time between attempts', () => {
  it('grows, has an end, and differs from desk to desk', () => {
    expect(backOffMs(0, () => 1)).toBe(400)
    expect(backOffMs(3, () => 1)).toBe(3200)
    expect(backOffMs(50, () => 1)).toBe(15_000)
    expect(backOffMs(3, () => 0)).toBe(1600)
  })
})
