import type { SocketLike } from '@core/feed/feed-client'
import type { ChatMessage, ChatState } from '../../src/widget/types'

interface Kept {
  id: string
  state: ChatState
  ended_by: string | null
  messages: ChatMessage[]
  events: { seq: number; type: string; data: unknown }[]
}

class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  closed = false

  constructor(private readonly server: FakeServer) {
    queueMicrotask(() => {
      if (server.down) this.onclose?.({ code: 1006 })
      else this.onopen?.()
    })
  }

  send(text: string): void {
    const frame = JSON.parse(text) as { after: number | null }
    queueMicrotask(() => { this.server.attach(this, frame.after) })
  }

  tell(frame: unknown): void {
    if (!this.closed) this.onmessage?.({ data: JSON.stringify(frame) })
  }

  close(): void {
    this.closed = true
  }

  drop(): void {
    this.closed = true
    this.onclose?.({ code: 1006 })
  }
}

/** Answers as the router does: one message per key, numbered events, a snapshot with its cursor. */
export class FakeServer {
  down = false
  /** Keep what comes but let the answer be lost. */
  loseAnswers = false
  /** Refuse the next requests with these. */
  refusals: { status: number; type: string; retryAfter?: number }[] = []
  visitors = 0
  requests: string[] = []
  chat: Kept | null = null
  private sockets: FakeSocket[] = []

  readonly fetch: typeof fetch = (address, init) => Promise.resolve().then(() => this.answer(address as string, init))

  readonly open = (): SocketLike => new FakeSocket(this)

  attach(socket: FakeSocket, after: number | null): void {
    this.sockets.push(socket)
    for (const event of this.chat?.events ?? []) if (event.seq > (after ?? 0)) socket.tell(event)
    socket.tell({ type: 'ready', cursor: this.chat?.events.length ?? 0 })
  }

  dropLines(): void {
    for (const socket of this.sockets.splice(0)) socket.drop()
  }

  tell(type: string, data: unknown): void {
    const event = { seq: (this.chat?.events.length ?? 0) + 1, type, data }
    this.chat?.events.push(event)
    for (const socket of this.sockets) socket.tell(event)
  }

  enter(state: ChatState, agent: string | null, endedBy: string | null = null): void {
    if (this.chat) Object.assign(this.chat, { state, ended_by: endedBy })
    this.tell('state.changed', { state, agent: agent && { name: agent }, phone: null, ended_by: endedBy })
  }

  say(author: 'visitor' | 'agent', text: string, key: string | null = null): ChatMessage {
    const known = this.chat?.messages.find((each) => key !== null && each.client_id === key)
    if (known) return known
    const seq = (this.chat?.messages.length ?? 0) + 1
    const id = `msg_${String(seq).padStart(4, '0')}` as ChatMessage['id']
    const message = { id, seq, author, name: '', text, sent_at: '2026-11-22T10:00:00Z', client_id: key }
    this.chat?.messages.push(message)
    this.tell('message.added', message)
    return message
  }

  private answer(address: string, init: RequestInit = {}): Response {
    if (this.down) throw new TypeError('no line')
    const path = new URL(address).pathname.replace(/.*\/v1/, '')
    this.requests.push(`${init.method ?? 'GET'} ${path}`)
    const refusal = this.refusals.shift()
    if (refusal) return problem(refusal.status, refusal.type, refusal.retryAfter)
    const body = this.route(init.method ?? 'GET', path, init)
    if (this.loseAnswers) throw new TypeError('answer lost')
    return body instanceof Response ? body : Response.json(body)
  }

  private route(method: string, path: string, init: RequestInit): unknown {
    const body = init.body ? (JSON.parse(init.body as string) as Record<string, string>) : {}
    if (path === '/visitors') return { token: `token-${String((this.visitors += 1))}` }
    if (path === '/chats/current') return this.chat && this.snapshot()
    if (path === '/chats' && method === 'POST') {
      if (!this.chat || this.chat.state === 'ended') {
        this.chat = { id: `int_${String(this.requests.length)}`, state: 'queued', ended_by: null, messages: [], events: [] }
      }
      return this.snapshot()
    }
    if (path.endsWith('/end')) {
      this.enter('ended', null, 'visitor')
      return new Response(null, { status: 204 })
    }
    if (path.endsWith('/phone')) return { shown: '+86 *** 8000', state: 'claimed' }
    if (this.chat?.state === 'ended') return problem(409, 'chat-ended')
    return this.say('visitor', body.text ?? '', new Headers(init.headers).get('Idempotency-Key'))
  }

  private snapshot() {
    if (!this.chat) throw new Error('no chat')
    const { id, state, ended_by, messages, events } = this.chat
    return structuredClone({
      id, state, ended_by, messages, cursor: events.length, position: 1, ahead: 0, expected_wait_seconds: null,
      agent: null, phone: null, opened_at: '2026-11-22T10:00:00Z',
    })
  }
}

function problem(status: number, type: string, retryAfter?: number): Response {
  const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }
  return Response.json({ type: `urn:careline:problem:${type}`, title: type, status, detail: '' }, { status, headers })
}
