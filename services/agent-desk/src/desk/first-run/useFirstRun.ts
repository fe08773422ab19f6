import { ref } from 'vue'
import { useSession } from '@desk/stores/session'

const asked = ref(false)

/** Shown once for each person on each machine, because sound is the machine's; again from the user menu. */
export function useFirstRun() {
  const key = `careline:first-run:${useSession().person?.id ?? ''}`
  const wanted = asked
  if (localStorage.getItem(key) === null) wanted.value = true
  return {
    wanted,
    show: (): void => {
      wanted.value = true
    },
    done: (): void => {
      localStorage.setItem(key, 'done')
      wanted.value = false
    },
  }
}
