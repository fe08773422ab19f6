import { computed, watch } from 'vue'
import type { CustomerBrief } from '@core/api/types'
import { usePops } from '@desk/stores/pops'

/** The screen pop of whoever is shown, asked for anew when the person, the identity or the history changes. */
export function usePop(customer: () => CustomerBrief | null) {
  const pops = usePops()
  watch(() => {
    const brief = customer()
    return brief && `${brief.id ?? ''}:${brief.identity}:${brief.history}`
  }, () => {
    const brief = customer()
    if (brief) pops.want(brief)
  }, { immediate: true })
  return computed(() => {
    const brief = customer()
    return brief ? pops.of(brief) : null
  })
}
