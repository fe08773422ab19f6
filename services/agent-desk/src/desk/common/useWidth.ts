import { ref } from 'vue'

const wide = matchMedia('(min-width: 1280px)')
const narrow = matchMedia('(max-width: 699.98px)')
const isWide = ref(wide.matches)
const isNarrow = ref(narrow.matches)
wide.addEventListener('change', () => (isWide.value = wide.matches))
narrow.addEventListener('change', () => (isNarrow.value = narrow.matches))

/** Wide: all four panes. Narrow: one pane at a time. Between: the customer is a sheet. */
export function useWidth() {
  return { isWide, isNarrow }
}
