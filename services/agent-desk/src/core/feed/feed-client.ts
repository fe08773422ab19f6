import { backOffMs } from './back-off'

export interface FeedFrame {
  seq?: number
  type: string
  data?: unknown
  cursor?: number | string | null
}

export type FeedState =
  | { name: 'connecting' }
  | { name: 'catching-up'; received: number }
  | { name: 'live' }
  | { name: 'offline'; since: number; attempt: number }
  | { name: 'stopped' }

export interface SocketLike {
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  send(text: string): void
  close(code?: number): void
}

export interface FeedOptions {
  /** Opens the socket; the address is asked for at each attempt. */
  open: () => SocketLike
  token: (renew: boolean) => Promise<string>
  /** Takes one event whose `seq` is newer than everything seen. */
  onEvent: (frame: FeedFrame) => void
  onState: (state: FeedState) => void
  /** The server cannot resume from our cursor: take a fresh snapshot and give back its cursor. */
  onReset?: () => Promise<number | null>
  cursor?: number | null
  now?: () => number
  random?: () => number
}

/** The server says something every 15 s; after more than twice that the line is dead though nobody closed it. */
const SILENCE_MS = 35_000
/** Tokens live 300 s. */
const RENEW_AFTER_MS = 240_000
const TOKEN_REFUSED = 4401

/**
 * A WebSocket feed that resumes from its cursor: no event is given twice, none is left out, and nobody needs to
 * press reload. Presence is the server's business; no timer here decides it.
 */
export class FeedClient {
  private socket: SocketLike | null = null
  private cursor: number | null
  private attempt = 0
  private live = false
  private received = 0
  private renewToken = false
  private offlineSince: number | null = null
  private wanted = false
  private retry: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private renewedAtMs = 0

  constructor(private readonly options: FeedOptions) {
    this.cursor = options.cursor ?? null
  }

  get after(): number | null {
    return this.cursor
  }

  start(): void {
    if (this.wanted) return
    this.wanted = true
    void this.connect()
  }

  stop(): void {
    this.wanted = false
    this.drop()
    this.options.onState({ name: 'stopped' })
  }

  /** Called when the browser says that the line is back or the page is seen again: no waiting then. */
  hurry(): void {
    if (!this.wanted || this.socket) return
    clearTimeout(this.retry)
    void this.connect()
  }

  private async connect(): Promise<void> {
    if (this.offlineSince === null) this.options.onState({ name: 'connecting' })
    let token: string
    try {
      token = await this.options.token(this.renewToken)
    } catch {
      this.lost()
      return
    }
    if (!this.wanted || this.socket) return
    this.renewToken = false
    this.listen(this.options.open(), token)
  }

  private listen(socket: SocketLike, token: string): void {
    this.socket = socket
    this.received = 0
    this.heard()
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: 'authenticate', token, after: this.cursor }))
      this.options.onState({ name: 'catching-up', received: 0 })
      this.renewedAtMs = this.nowMs()
    }
    socket.onmessage = (event) => {
      if (this.socket !== socket || typeof event.data !== 'string') return
      this.heard()
      this.renewInTime()
      this.take(JSON.parse(event.data) as FeedFrame)
    }
    socket.onclose = (event) => {
      if (this.socket !== socket) return
      this.renewToken = event.code === TOKEN_REFUSED
      this.lost()
    }
  }

  private take(frame: FeedFrame): void {
    if (frame.type === 'heartbeat') return
    if (frame.type === 'ready') {
      this.ready(frame)
      return
    }
    if (frame.type === 'reset') {
      void this.reset()
      return
    }
    if (frame.seq === undefined) {
      this.options.onEvent(frame)
      return
    }
    if (this.cursor !== null && frame.seq <= this.cursor) return
    this.cursor = frame.seq
    if (!this.live) {
      this.received += 1
      this.options.onState({ name: 'catching-up', received: this.received })
    }
    this.options.onEvent(frame)
  }

  private ready(frame: FeedFrame): void {
    if (typeof frame.cursor === 'number' && (this.cursor === null || frame.cursor > this.cursor)) this.cursor = frame.cursor
    this.attempt = 0
    this.live = true
    this.offlineSince = null
    this.options.onState({ name: 'live' })
  }

  private async reset(): Promise<void> {
    this.drop()
    this.options.onState({ name: 'connecting' })
    try {
      this.cursor = (await this.options.onReset?.()) ?? null
    } catch {
      this.lost()
      return
    }
    if (this.wanted) await this.connect()
  }

  /** Goes by what the server says every 15 s, because the timers of a hidden page may be a minute late. */
  private renewInTime(): void {
    if (this.nowMs() - this.renewedAtMs < RENEW_AFTER_MS) return
    this.renewedAtMs = this.nowMs()
    void this.renew()
  }

  private nowMs(): number {
    return (this.options.now ?? Date.now)()
  }

  private async renew(): Promise<void> {
    try {
      const token = await this.options.token(true)
      this.socket?.send(JSON.stringify({ type: 'authenticate', token }))
    } catch {
      // The socket stays open until the server closes it; the session dialog is the token source's business.
    }
  }

  private heard(): void {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => {
      this.lost()
    }, SILENCE_MS)
  }

  private lost(): void {
    this.drop()
    if (!this.wanted) return
    this.offlineSince ??= this.nowMs()
    this.options.onState({ name: 'offline', since: this.offlineSince, attempt: this.attempt })
    clearTimeout(this.retry)
    this.retry = setTimeout(() => void this.connect(), backOffMs(this.attempt, this.options.random))
    this.attempt += 1
  }

  private drop(): void {
    clearTimeout(this.silence)
    clearTimeout(this.retry)
    this.live = false
    const socket = this.socket
    this.socket = null
    socket?.close(1000)
  }
}

/** The address of a feed on the page's own origin. */
export function feedAddress(path: string, base: { protocol: string; host: string } = location): string {
  return `${base.protocol === 'https:' ? 'wss' : 'ws'}://${base.host}${path}`
}
