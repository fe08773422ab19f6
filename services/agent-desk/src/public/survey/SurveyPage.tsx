import { useEffect, useState } from 'preact/hooks'
import type { PublicInvitation, SurveyScript } from '@core/api/types'
import { chooseLocale, type Locale } from '@core/i18n'
import { following, onTheWay, way, type Answers, type AnswerValue } from '@core/survey'
import { Ending, Frame } from '../Frame'
import { post, request, type Outcome } from '../request'
import { lookupIn, SURVEY_TEXTS } from '../texts'
import { QuestionForm } from './QuestionForm'

type Stage = 'loading' | 'open' | 'thanks' | 'answered' | 'over' | 'broken' | 'unreachable' | 'busy'

const TOKEN = /^[\w-]{43}$/

/** The survey behind one link: one question at a time, sent once at its end. Nothing is kept on this machine. */
export function SurveyPage({ token, browserLocale }: { token: string; browserLocale: Locale }) {
  const [chosen, setChosen] = useState<Locale | null>(null)
  const [invited, setInvited] = useState<Locale | null>(null)
  const [stage, setStage] = useState<Stage>('loading')
  const [script, setScript] = useState<SurveyScript | null>(null)
  const [answers, setAnswers] = useState<Answers>({})
  const [asked, setAsked] = useState<string | null>(null)
  const [sending, setSending] = useState(false)
  const [trouble, setTrouble] = useState('')
  const [waitSeconds, setWaitSeconds] = useState(10)
  const locale = chosen ?? invited ?? browserLocale
  const t = lookupIn(SURVEY_TEXTS, locale)

  async function open(): Promise<void> {
    setStage('loading')
    if (!TOKEN.test(token)) {
      setStage('broken')
      return
    }
    const found = await request<PublicInvitation>(`invitations/by-token/${token}`)
    if (found.kind === 'answer') {
      setInvited(chooseLocale([found.body.language]))
      setScript(found.body.script)
      setAsked(found.body.script?.first ?? null)
      setStage(found.body.state)
    } else {
      refuse(found, 'unreachable')
    }
  }

  /** Refusals that end it; the rest is said beside the question, which stays with its answers. */
  function refuse(outcome: Exclude<Outcome<unknown>, { kind: 'answer' }>, otherwise: 'unreachable' | null): void {
    if (outcome.kind === 'refused' && outcome.status === 429) {
      setWaitSeconds(outcome.retryAfterSeconds ?? 10)
      if (otherwise) setStage('busy')
      else setTrouble(t('busy_more', { seconds: outcome.retryAfterSeconds ?? 10 }))
    } else if (outcome.kind === 'refused' && outcome.status === 404) setStage('broken')
    else if (outcome.kind === 'refused' && outcome.code === 'already-answered') setStage('answered')
    else if (outcome.kind === 'refused' && outcome.code === 'survey-over') setStage('over')
    else if (otherwise) setStage(otherwise)
    else setTrouble(t(outcome.kind === 'unreachable' ? 'unreachable' : 'refused'))
  }

  useEffect(() => { void open() }, [])

  const question = script?.questions.find(({ key }) => key === asked)
  const passed = script ? way(script, answers) : []
  const place = passed.findIndex(({ key }) => key === asked)
  const before = passed[place - 1]

  async function take(value: AnswerValue): Promise<void> {
    if (!script || !question) return
    const all = { ...answers, [question.key]: value }
    setAnswers(all)
    setTrouble('')
    const next = following(question, value)
    if (next !== null) {
      setAsked(next)
      return
    }
    setSending(true)
    const taken = await post(`invitations/by-token/${token}/answers`, { answers: onTheWay(script, all) })
    setSending(false)
    if (taken.kind === 'answer') setStage('thanks')
    else refuse(taken, null)
  }

  const shown = (): preact.ComponentChild => {
    if (stage === 'loading') return <p role="status">{t('loading')}</p>
    if (stage === 'open' && script && question) {
      const words = locale
      return (
        <>
          <h1>{script.title[words]}</h1>
          {place <= 0 && <p class="soft">{script.introduction[words]}</p>}
          <QuestionForm
            key={question.key}
            question={question}
            value={answers[question.key]}
            number={Math.max(1, place + 1)}
            locale={locale}
            sending={sending}
            trouble={trouble}
            t={t}
            onTake={(value) => { void take(value) }}
            onBack={before ? () => { setAsked(before.key) } : null}
          />
        </>
      )
    }
    const again = stage === 'unreachable' || stage === 'busy'
    return (
      <Ending key={stage} title={stage === 'unreachable' ? t('title') : t(stage)}>
        <p>{stage === 'unreachable' ? t('unreachable') : t(`${stage}_more`, { seconds: waitSeconds })}</p>
        {again && <p class="buttons"><button class="strong" type="button" onClick={() => { void open() }}>{t('again')}</button></p>}
      </Ending>
    )
  }

  return <Frame locale={locale} title={script?.title[locale] ?? t('title')} onLocale={setChosen}>{shown()}</Frame>
}
