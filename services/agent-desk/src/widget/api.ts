import { ApiProblem, Unreachable } from '@core/api/problem'

const TIMEOUT_MS = 15_000

/** The server asks to come again later. */
export class TooFast extends Error {
  constructor(readonly waitMs: number) {
    super('too fast')
  }
}

export interface Call {
  token?: string
  body?: unknown
  key?: string
}

export class WidgetApi {
  constructor(
    private readonly base: string,
    private readonly fetcher: typeof fetch = (...args) => fetch(...args),
  ) {}

  get<T>(path: string, token: string): Promise<T> {
    return this.call<T>('GET', path, { token })
  }

  post<T>(path: string, call: Call = {}): Promise<T> {
    return this.call<T>('POST', path, call)
  }

  socketAddress(path: string): string {
    return `${this.base}/v1${path}`.replace(/^http/, 'ws')
  }

  private async call<T>(method: string, path: string, { token, body, key }: Call): Promise<T> {
    const headers = new Headers()
    if (token) headers.set('Authorization', `Visitor ${token}`)
    if (body !== undefined) headers.set('Content-Type', 'application/json')
    if (key) headers.set('Idempotency-Key', key)
    const response = await this.answer(`${this.base}/v1${path}`, {
      method,
      headers,
      credentials: 'omit',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (response.status === 429) throw new TooFast(1000 * Number(response.headers.get('Retry-After') ?? 2))
    if (!response.ok) throw await ApiProblem.from(response)
    return response.status === 204 ? (undefined as T) : ((await response.json()) as T)
  }

  private async answer(address: string, init: RequestInit): Promise<Response> {
    let response: Response
    try {
      response = await this.fetcher(address, init)
    } catch (cause) {
      throw new Unreachable(address, { cause })
    }
    if (response.status >= 500) throw new Unreachable(`${String(response.status)} ${address}`)
    return response
  }
}
