import { computed, ref, type ComputedRef } from 'vue'
import type { BusinessTime } from '@core/api/types'
import { api, DIRECTORY } from '@desk/services'
import { useNow } from './useNow'

const ASKED_AGAIN_AFTER_MS = 60_000

const offsetMs = ref(0)
let askedAtMs = Number.NEGATIVE_INFINITY

/** Deadlines are in business time, which a demo may have moved forward; what is left of them is reckoned from here. */
export function useBusinessNow(): ComputedRef<number> {
  const now = useNow()
  void refreshBusinessTime()
  return computed(() => now.value + offsetMs.value)
}

export async function refreshBusinessTime(): Promise<void> {
  if (Date.now() - askedAtMs < ASKED_AGAIN_AFTER_MS) return
  askedAtMs = Date.now()
  try {
    offsetMs.value = (await api.get<BusinessTime>(`${DIRECTORY}/business-time`)).offset_seconds * 1000
  } catch {
    // The next page that shows a deadline asks again; what is overdue is told by the service in any case.
    askedAtMs = Number.NEGATIVE_INFINITY
  }
}
