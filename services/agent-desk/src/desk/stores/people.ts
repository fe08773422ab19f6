import { defineStore } from 'pinia'
import { reactive } from 'vue'
import type { Page, Person } from '@core/api/types'
import type { PersonId } from '@core/ids'
import { api, DIRECTORY } from '@desk/services'

const AT_ONCE = 50

/** Names of colleagues. Only the directory knows them all; the router knows those who have been at a desk. */
export const usePeople = defineStore('people', () => {
  const names = reactive(new Map<PersonId, string>())
  const asked = new Set<PersonId>()

  function nameOf(id: PersonId, known: string | null | undefined): string {
    return known?.trim() || names.get(id) || '…'
  }

  /** Asks for the names that nobody has told yet; without an answer it will ask again the next time. */
  async function learn(people: readonly { id: PersonId; name: string | null }[]): Promise<void> {
    const unknown = people.filter(({ id, name }) => !name?.trim() && !names.has(id) && !asked.has(id)).map(({ id }) => id).slice(0, AT_ONCE)
    if (unknown.length === 0) return
    unknown.forEach((id) => asked.add(id))
    try {
      const page = await api.get<Page<Person>>(`${DIRECTORY}/people`, { query: { ids: unknown.join(','), limit: AT_ONCE } })
      for (const { id, name } of page.items) names.set(id, name)
    } catch {
      unknown.forEach((id) => asked.delete(id))
    }
  }

  return { nameOf, learn }
})
