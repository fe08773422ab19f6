export type Command =
  | 'palette' | 'send' | 'pane-next' | 'pane-previous' | 'row-next' | 'row-previous' | 'reply' | 'note' | 'done'
  | 'apply-order' | 'key-sheet' | 'offer-accept' | 'offer-decline' | 'go-inbox' | 'go-supervision' | 'go-complaints' | 'go-surveys' | 'go-board' | 'go-care' | 'go-people' | 'customer' | 'why'

export interface Binding {
  command: Command
  /** Such as `Mod+K`, `J`, `G I`; `Mod` is Ctrl, or ⌘ on a Mac. */
  keys: string
  /** Whether it works while somebody types. Single characters never do. */
  inFields: boolean
}

/** No Alt+letter and no Ctrl+Alt: those type letters on Polish and German keyboards. */
export const DEFAULT_BINDINGS: readonly Binding[] = [
  { command: 'palette', keys: 'Mod+K', inFields: true },
  { command: 'send', keys: 'Mod+Enter', inFields: true },
  { command: 'offer-accept', keys: 'Mod+Shift+A', inFields: true },
  { command: 'offer-decline', keys: 'Mod+Shift+D', inFields: true },
  { command: 'pane-next', keys: 'F6', inFields: true },
  { command: 'pane-previous', keys: 'Shift+F6', inFields: true },
  { command: 'customer', keys: 'Alt+Shift+3', inFields: true },
  { command: 'row-next', keys: 'J', inFields: false },
  { command: 'row-previous', keys: 'K', inFields: false },
  { command: 'reply', keys: 'R', inFields: false },
  { command: 'note', keys: 'N', inFields: false },
  { command: 'done', keys: 'E', inFields: false },
  { command: 'why', keys: 'W', inFields: false },
  { command: 'apply-order', keys: '.', inFields: false },
  { command: 'key-sheet', keys: '?', inFields: false },
  { command: 'go-inbox', keys: 'G I', inFields: false },
  { command: 'go-board', keys: 'G B', inFields: false },
  { command: 'go-supervision', keys: 'G Q', inFields: false },
  { command: 'go-care', keys: 'G C', inFields: false },
  { command: 'go-people', keys: 'G A', inFields: false },
  { command: 'go-complaints', keys: 'G P', inFields: false },
  { command: 'go-surveys', keys: 'G S', inFields: false },
]

export interface KeySettings {
  /** Single-character keys can be switched off altogether (WCAG 2.1.4). */
  singleKeys: boolean
  remapped: Partial<Record<Command, string>>
}

export const DEFAULT_KEY_SETTINGS: KeySettings = { singleKeys: true, remapped: {} }

export function bindings(settings: KeySettings): Binding[] {
  return DEFAULT_BINDINGS.map((binding) => ({ ...binding, keys: settings.remapped[binding.command] ?? binding.keys }))
}

export function isSingle(keys: string): boolean {
  return keys.split(' ').every((part) => part.length === 1)
}

const SEQUENCE_MS = 1200

/** Turns key presses into commands; remembers the first key of a sequence such as `G I`. */
export class KeyReader {
  private prefix: { key: string; atMs: number } | null = null

  constructor(
    private readonly settings: () => KeySettings,
    private readonly mac: boolean,
  ) {}

  read(event: KeyboardEvent, typing: boolean, atMs: number): Command | null {
    const pressed = this.name(event)
    if (pressed === null) return null
    const before = this.prefix !== null && atMs - this.prefix.atMs < SEQUENCE_MS ? this.prefix.key : null
    this.prefix = null
    const usable = bindings(this.settings()).filter((binding) => this.usable(binding, typing))
    const hit = usable.find(({ keys }) => keys === (before === null ? pressed : `${before} ${pressed}`))
      ?? usable.find(({ keys }) => keys === pressed)
    if (hit) return hit.command
    if (usable.some(({ keys }) => keys.startsWith(`${pressed} `))) this.prefix = { key: pressed, atMs }
    return null
  }

  /** The name of what is pressed, as bindings spell it; null for a modifier alone. */
  name(event: KeyboardEvent): string | null {
    if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead'].includes(event.key)) return null
    const mod = this.mac ? event.metaKey : event.ctrlKey
    const key = keyName(event)
    const shifted = event.shiftKey && (key.length > 1 || /[A-Z0-9]/.test(key))
    const parts = [mod ? 'Mod' : '', event.altKey ? 'Alt' : '', shifted ? 'Shift' : ''].filter(Boolean)
    return [...parts, key].join('+')
  }

  private usable(binding: Binding, typing: boolean): boolean {
    if (!isSingle(binding.keys)) return true
    return this.settings().singleKeys && !typing
  }
}

function keyName(event: KeyboardEvent): string {
  // With Shift or a non-Latin layout the letter itself does not tell which key it is; the position does.
  const digit = /^Digit(\d)$/.exec(event.code)?.[1]
  if (digit !== undefined && event.altKey) return digit
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1]
  if (/^[a-z]$/i.test(event.key)) return event.key.toUpperCase()
  if (event.key.length === 1 && event.key > '\x7f' && letter !== undefined) return letter
  return event.key
}
