import { defineStore } from 'pinia'
import { ref } from 'vue'

export interface Notice {
  id: number
  kind: 'info' | 'error'
  text: string
}

const SHOWN_MS = 6000

/** Short words at the lower edge about what just happened. */
export const useNotices = defineStore('notices', () => {
  const notices = ref<Notice[]>([])
  let last = 0

  function show(text: string, kind: Notice['kind'] = 'info'): void {
    last += 1
    const id = last
    notices.value = [...notices.value.filter((notice) => notice.text !== text), { id, kind, text }].slice(-3)
    setTimeout(() => {
      dismiss(id)
    }, kind === 'error' ? SHOWN_MS * 2 : SHOWN_MS)
  }

  function dismiss(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id)
  }

  return { notices, show, dismiss }
})
