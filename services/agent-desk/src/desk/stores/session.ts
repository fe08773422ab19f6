import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { observed } from '@core/api/client'
import { ApiProblem } from '@core/api/problem'
import type { Person } from '@core/api/types'
import { clock, DIRECTORY, onSessionOver, tokens } from '@desk/services'

type Status = 'checking' | 'signed-out' | 'signed-in' | 'over'

/** Who sits here. When a session ends under somebody's hands the page stays and asks for the password over it. */
export const useSession = defineStore('session', () => {
  const status = ref<Status>('checking')
  const person = ref<Person | null>(null)
  const supervises = computed(() => person.value?.roles.some((role) => role === 'supervisor' || role === 'admin') ?? false)

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
    person.value = await response.json() as Person
    status.value = 'signed-in'
  }

  /** True when another person took the seat, so that nothing of the former one may stay on the page. */
  async function signIn(login: string, password: string): Promise<boolean> {
    const response = await call('POST', { login, password })
    if (!response.ok) throw await ApiProblem.from(response)
    const before = person.value
    tokens.forget()
    person.value = await response.json() as Person
    status.value = 'signed-in'
    return before !== null && before.id !== person.value.id
  }

  async function signOut(): Promise<void> {
    await call('DELETE')
    tokens.forget()
    location.reload()
  }

  return { status, person, supervises, check, signIn, signOut }
})
