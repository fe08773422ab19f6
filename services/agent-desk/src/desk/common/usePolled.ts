import { onScopeDispose, ref, shallowRef, type Ref } from 'vue'
import { useFailure } from './useFailure'
import { useVisible } from './useVisible'

/** Asks again and again while somebody looks; the last answer stays when one fails, with the reason beside it. */
export function usePolled<T>(ask: () => Promise<T>, everyMs: number): { value: Ref<T | null>; failure: Ref<string>; load: () => Promise<void> } {
  const value = shallowRef<T | null>(null)
  const failure = ref('')
  const visible = useVisible()
  const { explain } = useFailure()
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  async function load(): Promise<void> {
    asked += 1
    const mine = asked
    try {
      const answer = await ask()
      if (mine !== asked) return
      value.value = answer
      failure.value = ''
    } catch (error) {
      if (mine === asked) failure.value = explain(error)
    }
  }

  // The next question waits for the answer to the last one, so that a slow service is not asked twice at once.
  async function keepAsking(): Promise<void> {
    if (visible.value) await load()
    timer = setTimeout(() => void keepAsking(), everyMs)
  }

  let gone = false
  onScopeDispose(() => {
    gone = true
    asked += 1
    clearTimeout(timer)
  })
  void (async () => {
    await load()
    if (!gone) timer = setTimeout(() => void keepAsking(), everyMs)
  })()

  return { value, failure, load }
}
