import { ApiProblem } from '@core/api/problem'
import { TooFast } from './api'
import { Icon } from './Icon'
import type { View } from './view'

function faultOf(error: unknown): string {
  if (error instanceof TooFast) return 'too_fast'
  return error instanceof ApiProblem && error.status === 422 ? 'phone_bad' : 'no_answer'
}

/** What can be done beside writing: leave a number, end the chat. */
export function Drawer({ view }: { view: View }) {
  const { t, conversation, drawer, fault } = view
  const phone = conversation.chat.value?.phone
  const asked = drawer.value

  const show = (which: typeof asked): void => {
    fault.value = ''
    drawer.value = which
    view.focus(which === 'phone' ? 'phone' : which ? 'yes' : 'text', 'again')
  }
  const submit = (event: Event): void => {
    event.preventDefault()
    const number = new FormData(event.currentTarget as HTMLFormElement).get('phone')
    const done = asked === 'phone' ? conversation.givePhone(String(number).trim()) : conversation.end()
    done.then(() => { show(null) }, (error: unknown) => { fault.value = faultOf(error) })
  }

  if (!asked) {
    return (
      <div class="tools">
        <button id="give" onClick={() => { show('phone') }}>
          <Icon name={phone?.state === 'verified' ? 'check' : 'phone'} />
          {phone ? t(`phone_${phone.state}`, { shown: phone.shown }) : t('phone')}
        </button>
        <button onClick={() => { show('end') }}>{t('end')}</button>
      </div>
    )
  }
  return (
    <form class="drawer" onSubmit={submit} aria-labelledby="ask">
      <label id="ask" for="phone">{t(asked === 'phone' ? 'phone_label' : 'end_sure')}</label>
      {asked === 'phone' && (
        <input
          id="phone" name="phone" type="tel" autoComplete="tel" required minLength={3} maxLength={40}
          aria-describedby="lead" aria-invalid={!!fault.value}
        />
      )}
      <small id="lead" class={fault.value && 'wrong'} role={fault.value ? 'alert' : undefined}>
        {fault.value ? t(fault.value) : asked === 'phone' && t('phone_lead')}
      </small>
      <div class="choices">
        <button id="yes" class="strong">{t(asked === 'phone' ? 'phone_save' : 'end_yes')}</button>
        <button type="button" onClick={() => { show(null) }}>{t('back')}</button>
      </div>
    </form>
  )
}
