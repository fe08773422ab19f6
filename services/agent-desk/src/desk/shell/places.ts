import type { Command } from '@core/keys'
import type { IconName } from '@desk/ui/Icon.vue'

export interface Place {
  to: string
  icon: IconName
  /** Its text in the catalogue is `rail.<name>`. */
  name: string
  /** Names of the routes that belong to it. */
  routes: readonly string[]
  /** Who lacks this right neither sees the place nor stays on its pages; the services refuse in any case. */
  scope: string
  command?: Command
}

/** The places of the page in the order of the rail. */
export const PLACES: readonly Place[] = [
  { to: '/inbox', icon: 'inbox', name: 'inbox', routes: ['inbox', 'conversation', 'customer'], scope: 'desk:use', command: 'go-inbox' },
  { to: '/complaints', icon: 'complaint', name: 'complaints', routes: ['complaints', 'complaint'], scope: 'complaints:work', command: 'go-complaints' },
  { to: '/board', icon: 'chart', name: 'board', routes: ['board'], scope: 'board:read', command: 'go-board' },
  { to: '/supervision', icon: 'board', name: 'supervision', routes: ['supervision'], scope: 'supervision:read', command: 'go-supervision' },
  { to: '/care', icon: 'heart', name: 'care', routes: ['care'], scope: 'care:read', command: 'go-care' },
  { to: '/surveys', icon: 'survey', name: 'surveys', routes: ['surveys'], scope: 'surveys:read', command: 'go-surveys' },
  { to: '/quarantine', icon: 'quarantine', name: 'quarantine', routes: ['quarantine'], scope: 'supervision:read' },
  { to: '/people', icon: 'people', name: 'people', routes: ['people'], scope: 'people:write', command: 'go-people' },
]

export function placesFor(scopes: ReadonlySet<string>): Place[] {
  return PLACES.filter(({ scope }) => scopes.has(scope))
}

export function placeOf(route: unknown): Place | undefined {
  return PLACES.find(({ routes }) => routes.includes(String(route)))
}
