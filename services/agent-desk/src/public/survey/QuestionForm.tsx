import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ScriptQuestion } from '@core/api/types'
import type { Locale, Lookup } from '@core/i18n'
import { createEnterGate } from '@core/ime'
import { DigitReader, following, possibleAnswers, type AnswerValue } from '@core/survey'

const LONGEST_TEXT = 4000

/** One question. A number key chooses wherever the focus is, unless somebody is writing. */
export function QuestionForm({ question, value, number, locale, sending, trouble, t, onTake, onBack }: {
  question: ScriptQuestion
  value: AnswerValue | undefined
  number: number
  locale: Locale
  sending: boolean
  trouble: string
  t: Lookup
  onTake: (value: AnswerValue) => void
  onBack: (() => void) | null
}) {
  const [chosen, setChosen] = useState<AnswerValue>(value ?? null)
  const [wrong, setWrong] = useState('')
  const legend = useRef<HTMLElement>(null)
  const gate = useRef(createEnterGate())
  const choices = possibleAnswers(question)
  const isText = question.kind === 'text'
  const given = isText && typeof chosen === 'string' ? chosen.trim() || null : chosen
  const ends = (given !== null || !question.required) && following(question, given) === null

  useEffect(() => {
    // On the first question the page has just been opened: there the reader begins above.
    if (number > 1 || value !== undefined) legend.current?.focus()
  }, [])
  // With the question, not a moment after it: nobody's first key is lost.
  useLayoutEffect(() => {
    const reader = new DigitReader()
    const { lowest, highest } = question
    const pressed = (event: KeyboardEvent): void => {
      if (lowest === null || highest === null || event.ctrlKey || event.altKey || event.metaKey) return
      const found = reader.read(event.key, event.timeStamp, lowest, highest)
      if (found === null) return
      setChosen(found)
      setWrong('')
      document.getElementById(`answer-${String(found)}`)?.focus()
    }
    addEventListener('keydown', pressed)
    return () => { removeEventListener('keydown', pressed) }
  }, [])

  const submit = (event: Event): void => {
    event.preventDefault()
    if (sending) return
    if (given === null) setWrong(t(question.required ? 'choose_required' : 'choose_first'))
    else onTake(given)
  }
  const sendByKeys = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && gate.current.allows(event, performance.now())) submit(event)
  }
  const labelOf = (key: number | string): string => question.choices.find((choice) => choice.key === key)?.text[locale] ?? String(key)
  const text = question.text[locale]

  return (
    <form onSubmit={submit} noValidate>
      {isText
        ? (
            <div>
              <label ref={legend as never} class="label" for="answer" tabIndex={-1}>{text} {!question.required && <span class="soft">{t('optional')}</span>}</label>
              <textarea
                id="answer" rows={5} maxLength={LONGEST_TEXT} value={typeof chosen === 'string' ? chosen : ''}
                onInput={(event) => { setChosen(event.currentTarget.value) }} onKeyDown={sendByKeys}
                onCompositionStart={() => { gate.current.compositionStarted() }} onCompositionEnd={() => { gate.current.compositionEnded(performance.now()) }}
              />
            </div>
          )
        : (
            <fieldset>
              <legend ref={legend as never} tabIndex={-1}><span class="soft">{t('question', { n: number })}</span><br />{text}</legend>
              <div class={question.lowest === null ? 'choices' : 'scale'} data-count={choices.length}>
                {choices.map((key) => (
                  <label key={key}>
                    <input id={`answer-${String(key)}`} type="radio" name="answer" value={key} checked={chosen === key} onChange={() => { setChosen(key); setWrong('') }} />
                    {labelOf(key)}
                  </label>
                ))}
              </div>
              {question.lowest !== null && matchMedia('(hover: hover)').matches && <p class="soft keys">{t('keys')}</p>}
            </fieldset>
          )}
      {(wrong || trouble) && <p class="wrong" role="alert">{wrong || trouble}</p>}
      <div class="buttons">
        {onBack && <button type="button" onClick={onBack}>{t('back')}</button>}
        {!question.required && <button type="button" disabled={sending} onClick={() => { onTake(null) }}>{t('skip')}</button>}
        <button class="strong" type="submit" disabled={sending}>{t(sending ? 'sending' : ends ? 'send' : 'next')}</button>
      </div>
    </form>
  )
}
