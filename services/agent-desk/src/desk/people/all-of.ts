import type { Page } from '@core/api/types'
import { api } from '@desk/services'

const PAGE = 100

/** All pages of a list that is short enough to be shown as one. */
export async function allOf<Item>(path: string): Promise<Item[]> {
  const found: Item[] = []
  let cursor: string | null = null
  do {
    const page: Page<Item> = await api.get<Page<Item>>(path, { query: { limit: PAGE, cursor: cursor ?? undefined } })
    found.push(...page.items)
    cursor = page.next
  } while (cursor !== null)
  return found
}
