import { describe, expect, it, vi } from 'vitest'
import { ApiClient, SessionTokens } from '@core/api/client'
import { ApiProblem, SessionOver, Unreachable } from '@core/api/problem'
import { ServerClock } from '@core/clock'

const json = (status: number, body: unknown = {}): Response => new Response(JSON.stringify(body), { status })
const tokens = { token: vi.fn((renew?: boolean) => Promise.resolve(renew ? 'fresh' : 'token')) }

function client(...answers: (Response | Error)[]) {
  const fetcher = vi.fn<typeof fetch>()
  for (const answer of answers) {
    if (answer instanceof Error) fetcher.mockRejectedValueOnce(answer)
    else fetcher.mockResolvedValueOnce(answer)
  }
  const headers = (call: number): Headers => fetcher.mock.calls[call]?.[1]?.headers as Headers
  return { api: new ApiClient(tokens, new ServerClock(), fetcher), fetcher, headers }
}

describe('a request', () => {
  it('carries token, body and idempotency key', async () => {
    const { api, fetcher, headers } = client(json(201, { id: 1 }))
    await expect(api.post('/x', { body: { a: 1 }, idempotencyKey: 'k' })).resolves.toEqual({ id: 1 })
    expect(headers(0).get('authorization')).toBe('Bearer token')
    expect(headers(0).get('idempotency-key')).toBe('k')
    expect(fetcher.mock.calls[0]?.[1]?.body).toBe('{"a":1}')
  })

  it('is tried once more with a fresh token when the old one is refused, under the same key', async () => {
    const { api, fetcher, headers } = client(json(401), json(200, { ok: true }))
    await api.post('/x', { idempotencyKey: 'k' })
    expect(fetcher).toHaveBeenCalledTimes(2)
    expect(headers(1).get('authorization')).toBe('Bearer fresh')
    expect(headers(1).get('idempotency-key')).toBe('k')
  })

  it('tells a refusal from a dead line', async () => {
    const problem = json(409, { type: 'https://careline.example/problems/offer-gone', title: 'Gone', detail: 'Expired' })
    const refused = await client(problem).api.post('/x').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ApiProblem)
    expect((refused as ApiProblem).code).toBe('offer-gone')
    await expect(client(new TypeError('failed')).api.get('/x')).rejects.toBeInstanceOf(Unreachable)
    await expect(client(json(503)).api.get('/x')).rejects.toBeInstanceOf(Unreachable)
  })
})

describe('tokens of the session', () => {
  it('are asked for once however many need one', async () => {
    const fetcher = vi.fn<typeof fetch>().mockImplementation(() => Promise.resolve(json(200, { access_token: 't', expires_in: 300 })))
    const source = new SessionTokens(new ServerClock(), vi.fn(), fetcher)
    await expect(Promise.all([source.token(), source.token(), source.token()])).resolves.toEqual(['t', 't', 't'])
    await source.token()
    expect(fetcher).toHaveBeenCalledOnce()
    await source.token(true)
    expect(fetcher).toHaveBeenCalledTimes(2)
  })

  it('say when the session is over', async () => {
    const over = vi.fn()
    const source = new SessionTokens(new ServerClock(), over, vi.fn<typeof fetch>().mockResolvedValue(json(401)))
    await expect(source.token()).rejects.toBeInstanceOf(SessionOver)
    expect(over).toHaveBeenCalledOnce()
  })
})

describe('the server’s clock', () => {
  const header = 'Sun, 22 Nov 2026 10:00:00 GMT'
  const stamped = Date.parse(header)

  it('trusts a machine whose clock may be right', () => {
    const clock = new ServerClock(() => stamped + 400)
    clock.observe(header, stamped + 300, stamped + 400)
    expect(clock.offsetMs).toBe(0)
  })

  it('finds out how wrong a clock is, to a second', () => {
    const local = stamped - 60_000
    const clock = new ServerClock(() => local)
    clock.observe(header, local - 50, local)
    expect(Math.abs(clock.offsetMs - 60_000)).toBeLessThan(1000)
  })

  it('starts again when a clock was set', () => {
    const clock = new ServerClock()
    clock.observe(header, stamped - 60_000, stamped - 60_000)
    clock.observe(header, stamped, stamped)
    expect(clock.offsetMs).toBe(0)
  })
})
