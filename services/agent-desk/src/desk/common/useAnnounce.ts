import { ref } from 'vue'

const text = ref('')

/** What a screen reader says next, politely; one region for the whole page. */
export function useAnnounce() {
  return {
    text,
    announce(message: string): void {
      // The same sentence twice in a row is only read when the region changes.
      text.value = text.value === message ? `${message}\u00a0` : message
    },
  }
}
