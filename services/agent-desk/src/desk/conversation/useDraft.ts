import { onMounted, ref, watch } from 'vue'
import type { Channel, DraftKind } from '@core/api/types'
import type { InteractionId } from '@core/ids'
import { useDrafts } from '@desk/stores/drafts'
import { useOutgoing } from '@desk/stores/outgoing'

/** The draft of one conversation: shown at once from this browser, then from the server unless typing has begun. */
export function useDraft(conversation: InteractionId, channel: Channel) {
  const drafts = useDrafts()
  const outgoing = useOutgoing()
  const known = drafts.local(conversation, channel)
  const text = ref(known?.text ?? '')
  const kind = ref<DraftKind>(known?.kind ?? 'reply')
  const cc = ref(known?.cc ?? '')
  const templateId = ref(known?.templateId)
  let touched = false
  let quiet = false

  watch([text, kind, cc], () => {
    if (quiet) return
    touched = true
    if (text.value === '') templateId.value = undefined
    drafts.change(conversation, channel, {
      text: text.value, kind: kind.value, cc: cc.value, ...(templateId.value ? { templateId: templateId.value } : {}),
    })
  }, { flush: 'sync' })

  function show(next: { text: string; kind: DraftKind; cc?: string; templateId?: string }): void {
    quiet = true
    text.value = next.text
    kind.value = next.kind
    cc.value = next.cc ?? ''
    templateId.value = next.templateId
    quiet = false
  }

  onMounted(async () => {
    const newest = await drafts.open(conversation, channel)
    // What waits to be sent is no longer a draft, though the server keeps it until it is sent.
    const waits = outgoing.byInteraction.get(conversation)?.some((entry) => entry.text === newest?.text.trim())
    if (newest && !touched && !waits) show(newest)
  })

  function handedOver(): void {
    drafts.handedOver(conversation, channel, text.value)
    show({ text: '', kind: kind.value })
    touched = true
  }

  return { text, kind, cc, templateId, handedOver, show }
}
