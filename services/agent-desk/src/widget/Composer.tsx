import { Icon } from './Icon'
import type { View } from './view'

const MAX_CHARS = 4000

/** Chinese input confirms with Enter, so there it starts a line; on a touch keyboard it always does. */
function enterSends(view: View): boolean {
  return view.locale.value !== 'zh-CN' && !matchMedia('(pointer: coarse)').matches
}

export function Composer({ view }: { view: View }) {
  const { t, conversation, draft, gate } = view
  const tooLong = draft.value.length > MAX_CHARS
  const empty = !draft.value.trim()
  const sends = enterSends(view)

  const send = (event: Event): void => {
    event.preventDefault()
    if (empty || tooLong) return
    const text = draft.value
    draft.value = ''
    view.focus('text')
    void conversation.say(text)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const meant = event.key === 'Enter' && !event.shiftKey && !event.altKey && (sends || event.ctrlKey || event.metaKey)
    if (meant && gate.allows(event, performance.now())) send(event)
  }

  return (
    <form class="composer" onSubmit={send}>
      <textarea
        id="text"
        rows={1}
        value={draft.value}
        placeholder={t('write')}
        aria-label={t('write')}
        aria-describedby="hint"
        aria-invalid={tooLong}
        onInput={(event) => { draft.value = event.currentTarget.value }}
        onKeyDown={onKeyDown}
        onCompositionStart={() => { gate.compositionStarted() }}
        onCompositionEnd={() => { gate.compositionEnded(performance.now()) }}
      />
      <button class="send strong" aria-label={t('send')} disabled={empty || tooLong}><Icon name="send" /></button>
      <small id="hint" class={tooLong ? 'wrong' : ''}>
        {tooLong ? t('too_long', { limit: MAX_CHARS }) : t(sends ? 'enter_sends' : 'enter_breaks')}
      </small>
    </form>
  )
}

/** As high as its text, up to what the styles allow. */
export function fitComposer(root: ShadowRoot): void {
  const area = root.getElementById('text')
  if (!area) return
  area.style.height = ''
  area.style.height = `${String(area.scrollHeight + 2)}px`
}
