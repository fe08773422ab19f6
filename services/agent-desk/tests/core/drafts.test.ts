import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ServerDraft } from '@core/api/types'
import { DraftKeeper, StaleDraft, type Draft } from '@core/drafts'

class FakeServer {
  stored = new Map<string, ServerDraft>()
  saves = 0

  load = (conversation: string): Promise<ServerDraft | null> =>
    Promise.resolve(this.stored.get(conversation) ?? { text: '', kind: 'reply', cc: '', version: 0 })

  save = (conversation: string, { text, kind, cc = '', version }: Draft): Promise<number> => {
    this.saves += 1
    const known = this.stored.get(conversation) ?? { text: '', kind: 'reply' as const, cc: '', version: 0 }
    if (known.version !== version) return Promise.reject(new StaleDraft(known))
    this.stored.set(conversation, { text, kind, cc, version: version + 1 })
    return Promise.resolve(version + 1)
  }
}

function setUp() {
  const local = new Map<string, string>()
  const server = new FakeServer()
  const onConflict = vi.fn()
  const storage = {
    getItem: (key: string) => local.get(key) ?? null,
    setItem: (key: string, value: string) => void local.set(key, value),
    removeItem: (key: string) => void local.delete(key),
  }
  const keeper = (): DraftKeeper => new DraftKeeper({ user: 'per_1', storage, server, onConflict })
  return { local, server, onConflict, storage, keeper, drafts: keeper() }
}

const reply = (text: string): Omit<Draft, 'version'> => ({ text, kind: 'reply' })

describe('drafts', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('are in this browser after 300 ms and on the server after 2 s', async () => {
    const { drafts, local, server } = setUp()
    drafts.change('int_1', 'mail', reply('您好'))
    await vi.advanceTimersByTimeAsync(299)
    expect(local.size).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect([...local.keys()]).toEqual(['careline:draft:per_1:int_1:mail'])
    expect(server.saves).toBe(0)
    await vi.advanceTimersByTimeAsync(1700)
    expect(server.stored.get('int_1')).toEqual({ text: '您好', kind: 'reply', cc: '', version: 1 })
  })

  it('of one conversation never show in another, nor in another channel', async () => {
    const { drafts, keeper } = setUp()
    drafts.change('int_1', 'mail', reply('for one'))
    drafts.change('int_2', 'mail', reply('for two'))
    await vi.advanceTimersByTimeAsync(3000)
    const again = keeper()
    expect(again.local('int_1', 'mail')?.text).toBe('for one')
    expect(again.local('int_2', 'mail')?.text).toBe('for two')
    expect(again.local('int_1', 'chat')).toBeNull()
  })

  it('come back on another device', async () => {
    const { drafts, local, keeper } = setUp()
    drafts.change('int_1', 'mail', reply('typed at the desk'))
    await vi.advanceTimersByTimeAsync(2000)
    local.clear()
    expect(await keeper().open('int_1', 'mail')).toMatchObject({ text: 'typed at the desk' })
  })

  it('keep who gets a copy, even before a word is written', async () => {
    const { drafts, local, keeper } = setUp()
    drafts.change('int_1', 'mail', { text: '', kind: 'reply', cc: 'son@x.exa' })
    await vi.advanceTimersByTimeAsync(2000)
    local.clear()
    expect(await keeper().open('int_1', 'mail')).toMatchObject({ text: '', cc: 'son@x.exa' })
  })

  it('are kept at once when the page goes', () => {
    const { drafts, local } = setUp()
    drafts.change('int_1', 'mail', reply('half a sentence'))
    drafts.flush(() => 'mail')
    expect(local.size).toBe(1)
  })

  it('that another device changed are put to the agent, and hers stays', async () => {
    const { drafts, server, onConflict } = setUp()
    await drafts.open('int_1', 'mail')
    server.stored.set('int_1', { text: 'from the phone', kind: 'reply', cc: '', version: 3 })
    drafts.change('int_1', 'mail', reply('from the desk'))
    await vi.advanceTimersByTimeAsync(2000)
    expect(onConflict).toHaveBeenCalledOnce()
    expect(onConflict.mock.calls[0]?.[2]).toMatchObject({ text: 'from the phone' })
    expect(drafts.local('int_1', 'mail')?.text).toBe('from the desk')
  })

  it('that were sent are gone, and the next one begins without a quarrel', async () => {
    const { drafts, server, local, onConflict } = setUp()
    drafts.change('int_1', 'mail', reply('sent text'))
    await vi.advanceTimersByTimeAsync(2000)
    drafts.handedOver('int_1', 'mail', 'sent text')
    expect(local.size).toBe(0)
    // The next draft may reach the server before the message that ends the old one.
    drafts.change('int_1', 'mail', reply('next text'))
    await vi.advanceTimersByTimeAsync(2000)
    expect(onConflict).not.toHaveBeenCalled()
    expect(server.stored.get('int_1')?.text).toBe('next text')
  })

  it('survive a server that is away', async () => {
    const { drafts, server, keeper } = setUp()
    server.save = () => Promise.reject(new Error('away'))
    server.load = () => Promise.reject(new Error('away'))
    drafts.change('int_1', 'mail', reply('kept'))
    await vi.advanceTimersByTimeAsync(3000)
    expect(await keeper().open('int_1', 'mail')).toMatchObject({ text: 'kept' })
  })
})
