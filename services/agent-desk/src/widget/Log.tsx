import { Icon } from './Icon'
import type { ChatMessage, Unsent } from './types'
import type { View } from './view'

const NEAR_END_PX = 120

function said(message: ChatMessage, { t, time }: View) {
  const name = message.author === 'visitor' ? t('you') : message.name || t('agent')
  return (
    <li key={message.id} class={message.author}>
      <small>{name} <time dateTime={message.sent_at}>{time(message.sent_at)}</time></small>
      <p dir="auto">{message.text}</p>
    </li>
  )
}

function onItsWay({ key, text, held }: Unsent, { t, conversation }: View) {
  const waiting = conversation.line.value.name === 'offline' ? 'unsent' : 'sending'
  return (
    <li key={key} class="visitor unsent">
      <p dir="auto">{text}</p>
      <small><Icon name={held ? 'warn' : 'clock'} />{t(held === 'refused' ? held : held ? 'held' : waiting)}</small>
      {held && (
        <div class="choices">
          {held !== 'refused' && <button onClick={() => void conversation.release(key)}>{t('resend')}</button>}
          <button onClick={() => { conversation.discard(key) }}>{t('discard')}</button>
        </div>
      )}
    </li>
  )
}

/** What was said, newest at the bottom. */
export function Log({ view }: { view: View }) {
  const { t, conversation } = view
  const messages = conversation.messages.value
  const unsent = conversation.unsent.value
  const name = conversation.chat.value?.agent?.name ?? t('agent')
  return (
    <div id="log" tabIndex={0} role="log" aria-label={t('log')} onScroll={noticeScroll}>
      {messages.length + unsent.length === 0 && <div class="hello"><p>{t('hello')}</p>{t('lead')}</div>}
      <ol>{messages.map((each) => said(each, view))}{unsent.map((each) => onItsWay(each, view))}</ol>
      {conversation.typing.value && <small class="typing"><i /><i /><i />{t('typing', { name })}</small>}
    </div>
  )
}

function noticeScroll({ currentTarget: box }: { currentTarget: HTMLElement }): void {
  box.toggleAttribute('data-reading', box.scrollHeight - box.scrollTop - box.clientHeight > NEAR_END_PX)
}

/** The newest stays in sight unless the visitor has scrolled up to read. */
export function followNewest(root: ShadowRoot): void {
  const box = root.getElementById('log')
  if (box && !box.hasAttribute('data-reading')) box.scrollTop = box.scrollHeight
}
