import { isImeKey } from '@core/ime'
import { Composer } from './Composer'
import { Drawer } from './Drawer'
import { Icon } from './Icon'
import { Log } from './Log'
import { stateLine } from './state-line'
import type { View } from './view'

const REACHABLE = 'button:not(:disabled), textarea, input, [tabindex]'

/** On a phone the panel is the whole screen, so Tab stays inside. */
function keepFocusInside(event: KeyboardEvent, panel: HTMLElement): void {
  const reachable = [...panel.querySelectorAll<HTMLElement>(REACHABLE)]
  const [leaving, entering] = event.shiftKey ? [reachable[0], reachable.at(-1)] : [reachable.at(-1), reachable[0]]
  if ((panel.getRootNode() as ShadowRoot).activeElement !== leaving) return
  event.preventDefault()
  entering?.focus()
}

export function Panel({ view }: { view: View }) {
  const { t, conversation, opened } = view
  const state = conversation.chat.value?.state
  const shown = stateLine(view)
  const full = matchMedia('(max-width: 600px)').matches

  const close = (): void => {
    opened.value = false
    view.focus('launcher')
  }
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
    // The page's own shortcuts are not for what is typed here.
    event.stopPropagation()
    if (isImeKey(event)) return
    if (event.key === 'Escape') close()
    if (event.key === 'Tab' && full) keepFocusInside(event, event.currentTarget)
  }

  return (
    <section id="panel" role="dialog" aria-modal={full} aria-labelledby="title" onKeyDown={onKeyDown}>
      <div class="head">
        <h2 id="title">{view.name ?? t('launch')}</h2>
        <button aria-label={t('close')} onClick={close}><Icon name="close" /></button>
      </div>
      <p class={`state ${shown?.icon ?? ''}`} role="status">{shown && <Icon name={shown.icon} />}{shown?.text}</p>
      <Log view={view} />
      {state && state !== 'ended' && <Drawer view={view} />}
      {state === 'ended'
        ? <button id="again" class="strong" onClick={() => { conversation.startAnew(); view.focus('text') }}>{t('again')}</button>
        : <Composer view={view} />}
    </section>
  )
}
