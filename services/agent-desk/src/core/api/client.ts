import { ServerClock } from '../clock'
import { ApiProblem, SessionOver, Unreachable } from './problem'
import type { AccessToken } from './types'

export interface TokenSource {
  /** A valid token, renewed when it is about to end; `renew` asks for a fresh one in any case. */
  token(renew?: boolean): Promise<string>
}

export interface RequestOptions {
  body?: unknown
  query?: Readonly<Record<string, string | number | boolean | undefined>>
  idempotencyKey?: string
  ifMatch?: string
  signal?: AbortSignal
  timeoutMs?: number
}

const DEFAULT_TIMEOUT_MS = 15_000

export class ApiClient {
  constructor(
    private readonly tokens: TokenSource,
    readonly clock: ServerClock = new ServerClock(),
    private readonly fetcher: typeof fetch = (...args) => fetch(...args),
  ) {}

  get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.json<T>('GET', path, options)
  }

  post<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.json<T>('POST', path, options)
  }

  put<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.json<T>('PUT', path, options)
  }

  patch<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.json<T>('PATCH', path, options)
  }

  async blob(path: string): Promise<Blob> {
    return (await this.send('GET', path, {})).blob()
  }

  private async json<T>(method: string, path: string, options: RequestOptions): Promise<T> {
    const response = await this.send(method, path, options)
    if (response.status === 204 || response.headers.get('content-length') === '0') return undefined as T
    return await response.json() as T
  }

  private async send(method: string, path: string, options: RequestOptions): Promise<Response> {
    let response = await this.once(method, path, options, await this.tokens.token())
    // A token may end between the check and the answer, or its key may have been changed: one fresh try.
    if (response.status === 401) response = await this.once(method, path, options, await this.tokens.token(true))
    if (!response.ok) throw await ApiProblem.from(response)
    return response
  }

  private async once(method: string, path: string, options: RequestOptions, token: string): Promise<Response> {
    const headers = new Headers({ Authorization: `Bearer ${token}`, Accept: 'application/json' })
    if (options.body !== undefined) headers.set('Content-Type', 'application/json')
    if (options.idempotencyKey) headers.set('Idempotency-Key', options.idempotencyKey)
    if (options.ifMatch) headers.set('If-Match', options.ifMatch)
    return observed(this.fetcher, this.clock, withQuery(path, options.query), {
      method,
      headers,
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      signal: withTimeout(options.signal, options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    })
  }
}

/** `fetch` that tells a dead line from a refusal and learns the server's time. */
export async function observed(fetcher: typeof fetch, clock: ServerClock, path: string, init: RequestInit): Promise<Response> {
  const sentAtMs = Date.now()
  let response: Response
  try {
    response = await fetcher(path, init)
  } catch (cause) {
    throw new Unreachable(`${init.method ?? 'GET'} ${path}`, { cause })
  }
  clock.observe(response.headers.get('date'), sentAtMs, Date.now())
  // The gateway answers these when the service behind it is away.
  if ([502, 503, 504].includes(response.status)) throw new Unreachable(`${String(response.status)} ${path}`)
  return response
}

function withQuery(path: string, query: RequestOptions['query']): string {
  const named = Object.entries(query ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]))
  return named.length === 0 ? path : `${path}?${new URLSearchParams(named).toString()}`
}

function withTimeout(signal: AbortSignal | undefined, timeoutMs: number): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs)
  return signal ? AbortSignal.any([signal, timeout]) : timeout
}

const RENEW_BEFORE_END_MS = 30_000

/** Short tokens of the signed-in person, fetched with the session cookie; one request however many ask. */
export class SessionTokens implements TokenSource {
  private current: { text: string; endsAtMs: number } | null = null
  private asking: Promise<string> | null = null
  /** Told with each new token, because rights may change while somebody is signed in. */
  onToken: (token: string) => void = () => undefined

  constructor(
    private readonly clock: ServerClock,
    private readonly onSessionOver: () => void,
    private readonly fetcher: typeof fetch = (...args) => fetch(...args),
  ) {}

  async token(renew = false): Promise<string> {
    if (!renew && this.current && this.current.endsAtMs - RENEW_BEFORE_END_MS > Date.now()) return this.current.text
    this.asking ??= this.ask().finally(() => {
      this.asking = null
    })
    return this.asking
  }

  forget(): void {
    this.current = null
  }

  private async ask(): Promise<string> {
    const response = await observed(this.fetcher, this.clock, '/api/directory/v1/session/token', { method: 'POST' })
    if (response.status === 401 || response.status === 403) {
      this.current = null
      this.onSessionOver()
      throw new SessionOver()
    }
    if (!response.ok) throw await ApiProblem.from(response)
    const answer = await response.json() as AccessToken
    this.current = { text: answer.access_token, endsAtMs: Date.now() + answer.expires_in * 1000 }
    this.onToken(answer.access_token)
    return this.current.text
  }
}
