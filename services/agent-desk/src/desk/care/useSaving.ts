import { ref } from 'vue'
import { useFailure } from '@desk/common/useFailure'
import { changedMeanwhile, faultsOf } from './refusal'

/** One form that is saved: where it was refused, whether somebody else was faster, and what else went wrong. */
export function useSaving() {
  const { explain } = useFailure()
  const busy = ref(false)
  const faults = ref<Record<string, string>>({})
  const failure = ref('')
  const overtaken = ref(false)

  /** True when it is done. After a conflict `reload` fetches what it is now, so that the next try is made on that. */
  async function save(act: () => Promise<unknown>, reload: () => Promise<unknown>): Promise<boolean> {
    busy.value = true
    faults.value = {}
    failure.value = ''
    overtaken.value = false
    try {
      await act()
      return true
    } catch (error) {
      await tell(error, reload)
      return false
    } finally {
      busy.value = false
    }
  }

  async function tell(error: unknown, reload: () => Promise<unknown>): Promise<void> {
    if (changedMeanwhile(error)) {
      await reload()
      overtaken.value = true
      return
    }
    faults.value = faultsOf(error)
    if (Object.keys(faults.value).length === 0) failure.value = explain(error)
  }

  return { busy, faults, failure, overtaken, save }
}
