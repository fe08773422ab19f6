import { onScopeDispose, readonly, ref, type Ref } from 'vue'
import { clock } from '@desk/services'

const now = ref(clock.nowMs())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The server's time, renewed each second; one timer however many clocks are on the page. */
export function useNow(): Readonly<Ref<number>> {
  users += 1
  now.value = clock.nowMs()
  timer ??= setInterval(() => {
    now.value = clock.nowMs()
  }, 1000)
  onScopeDispose(() => {
    users -= 1
    if (users === 0) {
      clearInterval(timer)
      timer = undefined
    }
  })
  return readonly(now)
}
