/** The page's own storage, or memory where the browser keeps nothing for it. */
export class Storage {
  private readonly memory = new Map<string, string>()

  constructor(private readonly kept: globalThis.Storage | null) {}

  read(name: string): string | null {
    try {
      return this.kept ? this.kept.getItem(key(name)) : (this.memory.get(name) ?? null)
    } catch {
      return this.memory.get(name) ?? null
    }
  }

  write(name: string, text: string | null): void {
    if (text === null) this.memory.delete(name)
    else this.memory.set(name, text)
    try {
      if (text === null) this.kept?.removeItem(key(name))
      else this.kept?.setItem(key(name), text)
    } catch {
      // Full or forbidden: this page view remembers, the next will not.
    }
  }
}

export function key(name: string): string {
  return `careline.${name}`
}

/** `localStorage` throws on mere access in some private windows. */
export function browserStorage(kind: 'localStorage' | 'sessionStorage'): Storage {
  try {
    return new Storage(window[kind])
  } catch {
    return new Storage(null)
  }
}
