/** What the public endpoints said: an answer, a refusal with its code, or nothing at all. */
export type Outcome<T> =
  | { kind: 'answer'; body: T }
  | { kind: 'refused'; status: number; code: string; retryAfterSeconds: number | null }
  | { kind: 'unreachable' }

const TIMEOUT_MS = 15_000

/** Asks without cookies and without a referrer: whoever answers a survey is nobody's session. */
export async function request<T>(path: string, init: RequestInit = {}): Promise<Outcome<T>> {
  let response: Response
  try {
    response = await fetch(`/api/feedback/v1/${path}`, {
      ...init, credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch {
    return { kind: 'unreachable' }
  }
  if ([502, 503, 504].includes(response.status)) return { kind: 'unreachable' }
  const body = await response.json().catch(() => null) as Record<string, unknown> | null
  if (response.ok) return { kind: 'answer', body: body as T }
  const type = typeof body?.type === 'string' ? body.type : ''
  const wait = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return { kind: 'refused', status: response.status, code: type.split(/[/:#]/).pop() ?? '', retryAfterSeconds: Number.isFinite(wait) ? wait : null }
}

export function post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Outcome<T>> {
  return request<T>(path, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) })
}
