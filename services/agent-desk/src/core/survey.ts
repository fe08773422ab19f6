/**
 * The way through a survey, for the customer's page and for the agent on the phone alike. Nothing is decided here: the
 * service tells for every answer what comes next (`next_by_answer`), and this follows it.
 */
import type { ScriptQuestion, SurveyScript } from './api/types'

/** null is a question that was left out; 0 is an answer. */
export type AnswerValue = number | string | null
export type Answers = Readonly<Record<string, AnswerValue>>
type Route = Pick<SurveyScript, 'first' | 'questions'>

/** The key of the question after this answer; null at the end. */
export function following(question: ScriptQuestion, value: AnswerValue): string | null {
  const turn = value === null ? 'skipped' : question.kind === 'text' ? 'answered' : String(value)
  return question.next_by_answer[turn] ?? null
}

/** The questions that the answers lead through, up to the first that has none yet. */
export function way(script: Route, answers: Answers): ScriptQuestion[] {
  const byKey = new Map(script.questions.map((question) => [question.key, question]))
  const passed: ScriptQuestion[] = []
  let key: string | null = script.first
  while (key !== null) {
    const question = byKey.get(key)
    // Questions only lead further down, so a circle is a fault of the script and ends the way.
    if (!question || passed.includes(question)) break
    passed.push(question)
    const value = answers[key]
    if (value === undefined) break
    key = following(question, value)
  }
  return passed
}

/** The question to ask now; null when the survey is at its end. */
export function openQuestion(script: Route, answers: Answers): ScriptQuestion | null {
  const last = way(script, answers).at(-1)
  return last && answers[last.key] === undefined ? last : null
}

/** What may be sent: an answer behind a way that was changed later is not on it any more, and would be refused. */
export function onTheWay(script: Route, answers: Answers): Record<string, AnswerValue> {
  return Object.fromEntries(way(script, answers).flatMap(({ key }) => {
    const value = answers[key]
    return value === undefined ? [] : [[key, value]]
  }))
}

/** The answers that a question can be given by one press; none for a text. */
export function possibleAnswers(question: ScriptQuestion): (number | string)[] {
  const { lowest, highest } = question
  if (lowest === null || highest === null) return question.choices.map(({ key }) => key)
  return Array.from({ length: highest - lowest + 1 }, (_, step) => lowest + step)
}

const SECOND_DIGIT_WITHIN_MS = 900

/** Reads digits as they are typed: `7` is 7, and a `0` soon after a `1` makes it 10 where the scale goes that far. */
export class DigitReader {
  private before: { digit: number; atMs: number } | null = null

  read(key: string, atMs: number, lowest: number, highest: number): number | null {
    if (!/^\d$/.test(key)) return null
    const digit = Number(key)
    const joined = this.before && atMs - this.before.atMs < SECOND_DIGIT_WITHIN_MS ? this.before.digit * 10 + digit : digit
    this.before = { digit, atMs }
    for (const value of [joined, digit]) if (value >= lowest && value <= highest) return value
    return null
  }
}
