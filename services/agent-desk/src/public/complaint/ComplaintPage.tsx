import { useRef, useState } from 'preact/hooks'
import type { Locale } from '@core/i18n'
import { randomKey } from '@core/ids'
import { Ending, Frame } from '../Frame'
import { post, type Outcome } from '../request'
import { COMPLAINT_TEXTS, lookupIn } from '../texts'
import type { Of } from '@core/api/types'

type Receipt = Of<'feedback', 'Receipt'>
type Kind = Of<'feedback', 'Kind'>

const KINDS: readonly Kind[] = ['product', 'service', 'delivery', 'billing', 'staff', 'other']
const LONGEST_TEXT = 4000
const LONGEST_CONTACT = 200
const USUAL_WAIT_SECONDS = 60

/** The form by which anybody complains. Whose contact it is stays a claim; nothing about anybody is shown here. */
export function ComplaintPage({ browserLocale }: { browserLocale: Locale }) {
  const [locale, setLocale] = useState(browserLocale)
  const [kind, setKind] = useState<Kind | null>(null)
  const [contact, setContact] = useState('')
  const [text, setText] = useState('')
  const [sending, setSending] = useState(false)
  const [wrong, setWrong] = useState('')
  const [receipt, setReceipt] = useState<Receipt | null>(null)
  // Sent again under the same key: a lost answer does not record the complaint twice.
  const key = useRef<{ of: string; key: string } | null>(null)
  const t = lookupIn(COMPLAINT_TEXTS, locale)

  async function send(event: Event): Promise<void> {
    event.preventDefault()
    if (sending) return
    const body = { kind, contact: contact.trim(), text: text.trim() }
    if (!kind || !body.contact || !body.text) {
      setWrong(t('missing'))
      document.getElementById(!kind ? 'kind-product' : !body.contact ? 'contact' : 'text')?.focus()
      return
    }
    const said = JSON.stringify(body)
    if (key.current?.of !== said) key.current = { of: said, key: randomKey() }
    setSending(true)
    setWrong('')
    const outcome = await post<Receipt>('complaints/web', body, { 'Idempotency-Key': key.current.key })
    setSending(false)
    if (outcome.kind === 'answer') setReceipt(outcome.body)
    else setWrong(reason(outcome))
  }

  function reason(outcome: Exclude<Outcome<unknown>, { kind: 'answer' }>): string {
    if (outcome.kind === 'unreachable') return t('unreachable')
    if (outcome.status !== 429) return t('refused')
    return t('busy_more', { minutes: Math.max(1, Math.ceil((outcome.retryAfterSeconds ?? USUAL_WAIT_SECONDS) / 60)) })
  }

  if (receipt) {
    const by = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' }).format(new Date(receipt.resolve_by))
    return (
      <Frame locale={locale} title={t('received')} onLocale={setLocale}>
        <Ending title={t('received')}>
          <p class="soft">{t('number')}</p>
          <p class="number">{receipt.number}</p>
          <p>{t('by', { time: by })}</p>
          <p class="soft">{t('keep')}</p>
        </Ending>
      </Frame>
    )
  }
  return (
    <Frame locale={locale} title={t('title')} onLocale={setLocale}>
      <h1>{t('title')}</h1>
      <p class="soft">{t('lead')}</p>
      <form onSubmit={(event) => { void send(event) }} noValidate>
        <fieldset>
          <legend>{t('kind')}</legend>
          <div class="choices kinds">
            {KINDS.map((each) => (
              <label key={each}><input id={`kind-${each}`} type="radio" name="kind" value={each} required checked={kind === each} onChange={() => { setKind(each) }} />{t(each)}</label>
            ))}
          </div>
        </fieldset>
        <div>
          <label class="label" for="contact">{t('contact')}</label>
          <input id="contact" type="text" required autocomplete="email" maxLength={LONGEST_CONTACT} value={contact} aria-describedby="contact-more" onInput={(event) => { setContact(event.currentTarget.value) }} />
          <p id="contact-more" class="soft">{t('contact_more')}</p>
        </div>
        <div>
          <label class="label" for="text">{t('text')}</label>
          <textarea id="text" rows={6} required maxLength={LONGEST_TEXT} value={text} onInput={(event) => { setText(event.currentTarget.value) }} />
        </div>
        {wrong && <p class="wrong" role="alert">{wrong}</p>}
        <div class="buttons"><button class="strong" type="submit" disabled={sending}>{t(sending ? 'sending' : 'send')}</button></div>
      </form>
    </Frame>
  )
}
