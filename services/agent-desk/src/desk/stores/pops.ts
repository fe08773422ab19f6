import { defineStore } from 'pinia'
import { reactive } from 'vue'
import { ApiProblem } from '@core/api/problem'
import { backOffMs } from '@core/feed/back-off'
import type { CustomerBrief, ScreenPop } from '@core/api/types'
import { api, PROFILE } from '@desk/services'

export interface Pop {
  pop: ScreenPop | null
  state: 'loading' | 'ready' | 'late' | 'none'
}

/** Slower than this and the page says that history is late; the answer still counts when it comes. */
const LATE_AFTER_MS = 1500
const FORGOTTEN_AFTER = 200

/** Screen pops by customer and identity: asked for with the offer, asked again until the profile answers. */
export const usePops = defineStore('pops', () => {
  const pops = reactive(new Map<string, Pop>())
  const asking = new Set<string>()

  function keyOf(customer: CustomerBrief): string | null {
    return customer.id === null ? null : `${customer.id}:${customer.identity === 'verified' ? 'verified' : 'claimed'}`
  }

  function of(customer: CustomerBrief): Pop | null {
    const key = keyOf(customer)
    return key === null ? null : (pops.get(key) ?? null)
  }

  /** Shows what is known and asks for what is new. */
  function want(customer: CustomerBrief): void {
    const key = keyOf(customer)
    if (key === null || asking.has(key)) return
    if (pops.size > FORGOTTEN_AFTER) pops.clear()
    if (!pops.has(key)) pops.set(key, { pop: null, state: 'loading' })
    void ask(key, 0)
  }

  async function ask(key: string, attempt: number): Promise<void> {
    asking.add(key)
    const [id, identity] = key.split(':') as [string, string]
    const late = setTimeout(() => {
      mark(key, 'late')
    }, LATE_AFTER_MS)
    try {
      const pop = await api.get<ScreenPop>(`${PROFILE}/customers/${id}/screen-pop`, { query: { identity } })
      pops.set(key, { pop, state: 'ready' })
      asking.delete(key)
    } catch (error) {
      again(key, attempt, error)
    } finally {
      clearTimeout(late)
    }
  }

  function again(key: string, attempt: number, error: unknown): void {
    if (error instanceof ApiProblem && error.status < 500) {
      mark(key, 'none')
      asking.delete(key)
      return
    }
    mark(key, 'late')
    setTimeout(() => void ask(key, attempt + 1), backOffMs(attempt + 1))
  }

  function mark(key: string, state: Pop['state']): void {
    const known = pops.get(key)
    // An older answer stays on the screen; that the newer one is late matters less than the history itself.
    if (known && known.pop === null) pops.set(key, { pop: null, state })
  }

  return { pops, of, want }
})
