import { useI18n } from 'vue-i18n'
import { ApiProblem, SessionOver, Unreachable } from '@core/api/problem'
import { useNotices } from '@desk/stores/notices'

/** Says in the person's language why something did not work, with the code that support will ask for. */
export function useFailure() {
  const { t, te } = useI18n()
  const notices = useNotices()

  function explain(error: unknown): string {
    if (error instanceof Unreachable) return t('failure.unreachable')
    if (error instanceof SessionOver) return t('failure.session_over')
    if (error instanceof ApiProblem) {
      const known = `failure.code.${error.code}`
      return te(known) ? t(known) : t('failure.problem', { title: error.detail || error.title, status: error.status })
    }
    return t('failure.unexpected')
  }

  function report(error: unknown): void {
    // The sign-in dialog already says it.
    if (!(error instanceof SessionOver)) notices.show(explain(error), 'error')
  }

  return { explain, report }
}
