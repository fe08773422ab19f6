import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { observed } from '@core/api/client'
import { ApiProblem } from '@core/api/problem'
import { scopesOf } from '@core/api/scopes'
import type { Person } from '@core/api/types'
import { clock, DIRECTORY, onSessionOver, tokens } from '@desk/services'

type Status = 'checking' | 'signed-out' | 'signed-in' | 'over'

/** Who sits here. When a session ends under somebody's hands the page stays and asks for the password over it. */
export const useSession = defineStore('session', () => {
  const status = ref<Status>('checking')
  const person = ref<Person | null>(null)
  const scopes = shallowRef<ReadonlySet<string>>(new Set())
  const may = (scope: string): boolean => scopes.value.has(scope)

  tokens.onToken = (token) => (scopes.value = scopesOf(token))
  onSessionOver(() => {
    if (status.value === 'signed-in') status.value = 'over'
  })

  async function call(method: string, body?: unknown): Promise<Response> {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const init: RequestInit = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    return observed((...args) => fetch(...args), clock, `${DIRECTORY}/session`, init)
  }

  async function check(): Promise<void> {
    const response = await call('GET')
    if (!response.ok) {
      status.value = 'signed-out'
      return
    }
    await take(response)
  }

  /** The page is shown when it is known what this person may see. */
  async function take(response: Response): Promise<void> {
    const seated = await response.json() as Person
    tokens.forget()
    await tokens.token()
    person.value = seated
    status.value = 'signed-in'
  }

  /** True when another person took the seat, so that nothing of the former one may stay on the page. */
  async function signIn(login: string, password: string): Promise<boolean> {
    const response = await call('POST', { login, password })
    if (!response.ok) throw await ApiProblem.from(response)
    const before = person.value
    await take(response)
    return before !== null && before.id !== person.value?.id
  }

  async function signOut(): Promise<void> {
    await call('DELETE')
    tokens.forget()
    location.reload()
  }

  return { status, person, scopes, may, check, signIn, signOut }
})
