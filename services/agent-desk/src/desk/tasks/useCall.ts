import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { Interaction } from '@core/api/types'
import type { InteractionId } from '@core/ids'
import { useFailure } from '@desk/common/useFailure'
import { api, ROUTER } from '@desk/services'
import { useConversations } from '@desk/stores/conversations'
import { useDesk } from '@desk/stores/desk'
import { useNotices } from '@desk/stores/notices'
import type { CallOutcome } from './outcomes'

/** Ends a call with its outcome in one press; the note is kept with it. */
export function useCall(id: InteractionId) {
  const { t } = useI18n()
  const router = useRouter()
  const desk = useDesk()
  const notices = useNotices()
  const conversations = useConversations()
  const { explain } = useFailure()
  const busy = ref(false)
  const failure = ref('')

  /** Runs steps that build on one another; the first that fails is said, and can be pressed again. */
  async function doing(steps: () => Promise<void>): Promise<void> {
    busy.value = true
    failure.value = ''
    try {
      await steps()
    } catch (error) {
      failure.value = explain(error)
    } finally {
      busy.value = false
    }
  }

  async function end(disposition: CallOutcome['disposition'], note: string): Promise<void> {
    const state = conversations.opened.get(id)?.detail?.state
    if (state !== 'wrap_up') await api.post<Interaction>(`${ROUTER}/interactions/${id}/wrap-up`)
    const body = { disposition, ...(note.trim() ? { note: note.trim() } : {}) }
    conversations.putDetail(await api.post<Interaction>(`${ROUTER}/interactions/${id}/closure`, { body }))
    notices.show(t('task.ended'))
    await router.push(desk.rows[0] ? `/c/${desk.rows[0].id}` : '/inbox')
  }

  return { busy, failure, doing, end }
}
