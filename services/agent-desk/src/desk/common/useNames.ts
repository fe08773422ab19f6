import { useI18n } from 'vue-i18n'
import type { CustomerBrief } from '@core/api/types'

export function useNames() {
  const { t } = useI18n()
  return { nameOf: (customer: CustomerBrief): string => customer.name.trim() || t('customer.unknown') }
}
