import { onMounted, onScopeDispose, reactive } from 'vue'
import { DEFAULT_KEY_SETTINGS, KeyReader, type Command, type KeySettings } from '@core/keys'
import { stored } from '@desk/common/stored'

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform)
export const keySettings = stored<KeySettings>('careline:keys', DEFAULT_KEY_SETTINGS)

type Handler = (event: KeyboardEvent | null) => void
interface Offered {
  handler: Handler
  possible: () => boolean
}
const handlers = reactive(new Map<Command, Offered[]>())

/** Registers what a command does while the calling component lives and it is possible; the newest one wins. */
export function useCommand(command: Command, handler: Handler, possible = (): boolean => true): void {
  const offered = { handler, possible }
  onMounted(() => handlers.set(command, [...(handlers.get(command) ?? []), offered]))
  onScopeDispose(() => handlers.set(command, (handlers.get(command) ?? []).filter((other) => other.handler !== handler)))
}

function newest(command: Command): Offered | undefined {
  return handlers.get(command)?.findLast(({ possible }) => possible())
}

export function canRun(command: Command): boolean {
  return newest(command) !== undefined
}

export function run(command: Command, event: KeyboardEvent | null = null): boolean {
  const offered = newest(command)
  offered?.handler(event)
  return offered !== undefined
}

/** Listens for the whole page; once. */
export function useKeys(): void {
  const reader = new KeyReader(() => keySettings.value, isMac)
  const listen = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return
    const command = reader.read(event, isTyping(event.target), performance.now())
    // A dialog has the keys for itself; only its own command may close it.
    if (command === null || (dialogIsOpen() && command !== 'palette')) return
    if (run(command, event)) event.preventDefault()
  }
  addEventListener('keydown', listen)
  onScopeDispose(() => {
    removeEventListener('keydown', listen)
  })
}

function dialogIsOpen(): boolean {
  return document.querySelector('[role=dialog][data-state=open], [role=menu][data-state=open]') !== null
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

const SYMBOLS: Record<string, string> = isMac
  ? { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↩' }
  : { Mod: 'Ctrl' }

export function keyLabel(keys: string): string {
  return keys.split(' ').map((part) => part.split('+').map((name) => SYMBOLS[name] ?? name).join(isMac ? '' : '+')).join(' ')
}
