import { defineStore } from 'pinia'
import { ref } from 'vue'
import { ApiProblem } from '@core/api/problem'
import type { ServerDraft } from '@core/api/types'
import { DraftKeeper, StaleDraft, type Draft } from '@core/drafts'
import { api, ROUTER } from '@desk/services'
import { useSession } from './session'

export interface DraftConflict {
  conversation: string
  theirs: ServerDraft
}

/** One keeper for the page; the composer of each conversation asks it for its own draft. */
export const useDrafts = defineStore('drafts', () => {
  const conflicts = ref<DraftConflict[]>([])
  const path = (conversation: string): string => `${ROUTER}/interactions/${conversation}/draft`
  const channels = new Map<string, string>()

  const keeper = new DraftKeeper({
    user: useSession().person?.id ?? '',
    storage: localStorage,
    server: {
      load: (conversation) => api.get<ServerDraft>(path(conversation)),
      save: async (conversation, { text, kind, cc = '', version }) => {
        try {
          return (await api.put<ServerDraft>(path(conversation), { body: { text, kind, cc, version } })).version
        } catch (error) {
          if (error instanceof ApiProblem && error.status === 409) throw new StaleDraft(error.fields.draft as ServerDraft)
          throw error
        }
      },
    },
    onConflict: (conversation, mine, theirs) => {
      if (theirs && (theirs.text !== mine.text || theirs.cc !== (mine.cc ?? ''))) conflicts.value = [...without(conversation), { conversation, theirs }]
    },
  })
  addEventListener('pagehide', () => {
    keeper.flush((conversation) => channels.get(conversation) ?? '')
  })

  function without(conversation: string): DraftConflict[] {
    return conflicts.value.filter((conflict) => conflict.conversation !== conversation)
  }

  return {
    conflicts,
    settle: (conversation: string) => (conflicts.value = without(conversation)),
    open: (conversation: string, channel: string): Promise<Draft | null> => keeper.open(conversation, channel),
    local: (conversation: string, channel: string): Draft | null => keeper.local(conversation, channel),
    handedOver: (conversation: string, channel: string, text: string): void => { keeper.handedOver(conversation, channel, text) },
    change(conversation: string, channel: string, draft: Omit<Draft, 'version'>): void {
      channels.set(conversation, channel)
      keeper.change(conversation, channel, draft)
    },
  }
})
