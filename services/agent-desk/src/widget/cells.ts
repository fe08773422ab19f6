/** A value whose change is noticed. */
export interface Cell<T> {
  value: T
}

/**
 * Values that are shown together. Whoever listens hears of a change once it is whole: one call, however many values
 * changed in the same turn. A library of signals would be a tenth of the widget's size and do no more for one tree.
 */
export class Cells {
  private readonly listeners: (() => void)[] = []
  private due = false

  of<T>(value: T): Cell<T> {
    const changed = (): void => { this.changed() }
    return {
      get value() {
        return value
      },
      set value(next: T) {
        if (Object.is(next, value)) return
        value = next
        changed()
      },
    }
  }

  listen(listener: () => void): void {
    this.listeners.push(listener)
  }

  private changed(): void {
    if (this.due) return
    this.due = true
    queueMicrotask(() => {
      this.due = false
      for (const listener of this.listeners) listener()
    })
  }
}
