import { useI18n } from 'vue-i18n'
import { ApiProblem } from '@core/api/problem'
import { useFailure } from '@desk/common/useFailure'

/** Why the directory refused, in the person's words where this page has some: `<group>.<code>`. */
export function useRefused(group: string) {
  const { t, te } = useI18n()
  const { explain } = useFailure()

  function reason(error: unknown): string {
    const key = error instanceof ApiProblem ? `${group}.${error.code.replaceAll('-', '_')}` : ''
    return key && te(key) ? t(key) : explain(error)
  }

  return { reason }
}
