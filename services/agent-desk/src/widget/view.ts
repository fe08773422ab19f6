import type { Locale, Lookup } from '@core/i18n'
import { createEnterGate, type EnterGate } from '@core/ime'
import type { Cell, Cells } from './cells'
import type { Conversation } from './conversation'
import type { Storage } from './storage'
import { lookup } from './texts'

/** Everything that the parts of the widget show, and what they share. */
export interface View {
  conversation: Conversation
  locale: Cell<Locale>
  t: Lookup
  name: string | null
  opened: Cell<boolean>
  readonly unread: number
  draft: Cell<string>
  drawer: Cell<'phone' | 'end' | null>
  fault: Cell<string>
  gate: EnterGate
  time: (at: number | string) => string
  /** Move the focus once what is to be focused is on the page: the first that is there. */
  focus: (...ids: string[]) => void
}

export interface ViewOptions extends Pick<View, 'conversation' | 'locale' | 'name'> {
  cells: Cells
  root: ShadowRoot
  tab: Storage
  kept: Storage
}

/** The panel and the draft belong to this tab; what was read belongs to the visitor. */
export function createView({ cells, conversation, locale, name, root, tab, kept }: ViewOptions): View {
  const opened = cells.of(tab.read('open') !== null)
  const draft = cells.of(tab.read('draft') ?? '')
  const fromAgent = (): string[] =>
    conversation.messages.value.filter((each) => each.author === 'agent').map((each) => each.id)
  cells.listen(() => {
    tab.write('open', opened.value ? 'yes' : null)
    tab.write('draft', draft.value || null)
    const newest = fromAgent().at(-1)
    if (opened.value && newest) kept.write('read', newest)
  })
  return {
    conversation,
    locale,
    t: (key, values) => lookup(locale.value)(key, values),
    name,
    opened,
    get unread() {
      const read = kept.read('read') ?? ''
      // Ids are ordered by time.
      return fromAgent().filter((id) => id > read).length
    },
    draft,
    drawer: cells.of<'phone' | 'end' | null>(null),
    fault: cells.of(''),
    gate: createEnterGate(),
    time: (at) => new Date(at).toLocaleTimeString(locale.value, { hour: '2-digit', minute: '2-digit' }),
    focus: (...ids) => {
      requestAnimationFrame(() => { ids.map((id) => root.getElementById(id)).find(Boolean)?.focus() })
    },
  }
}
