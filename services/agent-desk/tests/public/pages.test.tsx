import { render } from 'preact'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ComplaintPage } from '../../src/public/complaint/ComplaintPage'
import { SurveyPage } from '../../src/public/survey/SurveyPage'

const TOKEN = 'A'.repeat(43)
const both = (text: string): { 'zh-CN': string; en: string } => ({ 'zh-CN': `${text}（中）`, en: text })
const SCALE = Object.fromEntries([...Array.from({ length: 11 }, (_, n) => [String(n), n <= 6 ? 'why' : null]), ['skipped', null]])
const SCRIPT = {
  survey: 'follow_up', survey_version: 1, title: both('How was it?'), introduction: both('Two minutes.'), first: 'recommend',
  questions: [
    { key: 'recommend', kind: 'nps', text: both('Recommend?'), required: false, lowest: 0, highest: 10, choices: [], next_by_answer: SCALE },
    { key: 'why', kind: 'text', text: both('Why?'), required: false, lowest: null, highest: null, choices: [], next_by_answer: { answered: null, skipped: null } },
  ],
}

interface Asked { path: string; init: RequestInit }
let asked: Asked[]
let answers: Response[]

const turn = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 20) })
/** The machine may be busy: what is to come is waited for, not timed. */
const sees = (words: string): Promise<void> => vi.waitFor(() => { expect(text()).toContain(words) }, 5000)
const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response => new Response(JSON.stringify(body), { status, headers })
const text = (): string => document.body.textContent ?? ''

async function press(label: string): Promise<void> {
  const button = await vi.waitFor(() => {
    const found = [...document.querySelectorAll('button')].find((each) => each.textContent === label)
    if (!found) throw new Error(`no ${label} in ${text()}`)
    return found
  }, 5000)
  button.click()
}

async function openSurvey(...said: Response[]): Promise<void> {
  answers = said
  render(<SurveyPage token={TOKEN} browserLocale="en" />, document.body)
  await turn()
}

beforeEach(() => {
  asked = []
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    asked.push({ path, init })
    const answer = answers.shift()
    return answer ? Promise.resolve(answer) : Promise.reject(new Error('away'))
  })
})
afterEach(() => {
  render(null, document.body)
  vi.unstubAllGlobals()
})

describe('the survey of a link', () => {
  it('takes zero for an answer, sends the way that was taken, and no cookies', async () => {
    await openSurvey(json(200, { state: 'open', language: 'en', script: SCRIPT }), json(201, {}))
    await sees('Recommend?')
    dispatchEvent(new KeyboardEvent('keydown', { key: '0' }))
    await turn()
    await press('Next')
    await turn()
    await press('Skip')
    await sees('Thank you!')
    expect(JSON.parse(String(asked[1]?.init.body))).toEqual({ answers: { recommend: 0, why: null } })
    expect(asked.every(({ init }) => init.credentials === 'omit' && init.referrerPolicy === 'no-referrer')).toBe(true)
  })

  it('speaks the language of the invitation until the reader chooses another', async () => {
    await openSurvey(json(200, { state: 'open', language: 'zh-Hans', script: SCRIPT }))
    await sees('How was it?（中）')
    await press('English')
    await sees('Recommend?')
    await vi.waitFor(() => { expect(document.documentElement.lang).toBe('en') })
  })

  it.each([
    [json(200, { state: 'answered', language: 'en', script: null }), 'You have answered already'],
    [json(200, { state: 'over', language: 'en', script: null }), 'This survey is over'],
    [json(404, { type: 'about:blank#not-found' }), 'This link does not work'],
    [json(429, {}, { 'Retry-After': '7' }), 'about 7 seconds'],
  ])('says kindly why there is nothing to answer', async (answer, words) => {
    await openSurvey(answer)
    await sees(words)
  })

  it('keeps the answers when the line is away, and says when somebody was faster', async () => {
    await openSurvey(json(200, { state: 'open', language: 'en', script: SCRIPT }))
    await sees('Recommend?')
    dispatchEvent(new KeyboardEvent('keydown', { key: '9' }))
    await turn()
    await press('Send')
    await turn()
    await sees('Your answers are kept')
    answers = [json(409, { type: 'https://careline.example/problems/already-answered' })]
    await press('Send')
    await sees('You have answered already')
  })
})

describe('the complaint form', () => {
  async function fill(...said: Response[]): Promise<void> {
    answers = said
    render(<ComplaintPage browserLocale="en" />, document.body)
    await turn()
    document.querySelector<HTMLInputElement>('#kind-delivery')?.click()
    for (const [id, value] of [['contact', 'lin@example.com'], ['text', 'Late.']] as const) {
      const field = document.querySelector<HTMLInputElement>(`#${id}`)
      if (!field) throw new Error(id)
      field.value = value
      field.dispatchEvent(new Event('input', { bubbles: true }))
    }
    await turn()
    await press('Send')
    await turn()
  }

  it('says when to come back if too many came at once, and keeps what was written', async () => {
    await fill(json(429, {}, { 'Retry-After': '110' }))
    await sees('about 2 minutes')
    expect(document.querySelector<HTMLTextAreaElement>('#text')?.value).toBe('Late.')
  })

  it('sends the same complaint under the same key after a line that broke', async () => {
    await fill()
    answers = [json(201, { number: 'C-7', received_at: '2026-11-22T10:00:00Z', resolve_by: '2026-11-24T10:00:00Z' })]
    await press('Send')
    await sees('C-7')
    const keys = asked.map(({ init }) => new Headers(init.headers).get('Idempotency-Key'))
    expect(keys[0]).toBeTruthy()
    expect(keys[0]).toBe(keys[1])
  })
})
