import { ref, watch, type Ref } from 'vue'

/** A setting of this machine; a storage that is full or forbidden only forgets it. */
export function stored<T>(key: string, initial: T): Ref<T> {
  const value = ref(read(key, initial)) as Ref<T>
  watch(value, (changed) => {
    try {
      localStorage.setItem(key, JSON.stringify(changed))
    } catch {
      // The setting then lasts as long as the page.
    }
  }, { deep: true })
  return value
}

function read<T>(key: string, initial: T): T {
  try {
    const text = localStorage.getItem(key)
    return text === null ? initial : (JSON.parse(text) as T)
  } catch {
    return initial
  }
}
