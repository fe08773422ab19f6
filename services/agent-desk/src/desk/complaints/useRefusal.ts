import { useI18n } from 'vue-i18n'
import { ApiProblem } from '@core/api/problem'
import { useFailure } from '@desk/common/useFailure'
import { useNotices } from '@desk/stores/notices'

/** Why something was not done with a complaint, in the person's words; what is missing is named. */
export function useRefusal() {
  const { t, te } = useI18n()
  const { explain, report } = useFailure()
  const notices = useNotices()

  function reason(error: unknown): string {
    if (!(error instanceof ApiProblem)) return explain(error)
    if (error.code === 'not-ready') return t('complaint.refusal.not_ready', { missing: missingOf(error).map((name) => t(`complaint.missing.${name}`)).join(t('common.list_separator')) })
    const key = `complaint.refusal.${error.code.replaceAll('-', '_')}`
    return te(key) ? t(key) : explain(error)
  }

  return {
    reason,
    report: (error: unknown): void => {
      if (error instanceof ApiProblem) notices.show(reason(error), 'error')
      else report(error)
    },
  }
}

function missingOf(error: ApiProblem): string[] {
  const { missing } = error.fields
  return Array.isArray(missing) ? missing.map(String) : []
}
