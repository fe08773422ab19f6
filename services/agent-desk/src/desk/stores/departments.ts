import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Department, Page, Person } from '@core/api/types'
import type { DepartmentId } from '@core/ids'
import type { Locale } from '@core/i18n'
import { api, DIRECTORY } from '@desk/services'

const PAGE = 100

/** Departments and who works in them; asked for once, when first needed. */
export const useDepartments = defineStore('departments', () => {
  const { locale } = useI18n()
  const all = shallowRef<Department[]>([])
  const people = shallowRef<Person[]>([])
  let asked: Promise<void> | null = null
  let askedPeople: Promise<void> | null = null

  const sorted = computed(() => [...all.value].sort((a, b) => titleOf(a).localeCompare(titleOf(b), locale.value)))

  function load(): Promise<void> {
    asked ??= api.get<Page<Department>>(`${DIRECTORY}/departments`).then((page) => {
      all.value = page.items
    }).catch((error: unknown) => {
      asked = null
      throw error
    })
    return asked
  }

  function loadPeople(): Promise<void> {
    askedPeople ??= everybody().then((found) => {
      people.value = found
    }).finally(() => {
      // People come and go, so the next dialog asks again.
      askedPeople = null
    })
    return askedPeople
  }

  function titleOf(department: Department): string {
    return department.name[locale.value as Locale]
  }

  function nameOf(id: DepartmentId): string {
    const found = all.value.find((department) => department.id === id)
    return found ? titleOf(found) : '…'
  }

  return { all: sorted, people, load, loadPeople, titleOf, nameOf }
})

async function everybody(): Promise<Person[]> {
  const found: Person[] = []
  let cursor: string | null = null
  do {
    const page: Page<Person> = await api.get<Page<Person>>(`${DIRECTORY}/people`, { query: { limit: PAGE, cursor: cursor ?? undefined } })
    found.push(...page.items)
    cursor = page.next
  } while (cursor !== null)
  return found.filter(({ state }) => state === 'active')
}
