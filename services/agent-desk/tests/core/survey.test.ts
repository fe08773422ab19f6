import { describe, expect, it } from 'vitest'
import type { ScriptQuestion } from '@core/api/types'
import { DigitReader, following, onTheWay, openQuestion, possibleAnswers, way, type Answers } from '@core/survey'

const words = { 'zh-CN': '', en: '' }

function question(key: string, kind: ScriptQuestion['kind'], next: ScriptQuestion['next_by_answer'], range: [number, number] | null = null): ScriptQuestion {
  return { key, kind, text: words, required: false, lowest: range?.[0] ?? null, highest: range?.[1] ?? null, choices: [], next_by_answer: next }
}

const scale = (to: (n: number) => string | null): Record<string, string | null> =>
  Object.fromEntries([...Array.from({ length: 11 }, (_, n) => [String(n), to(n)] as const), ['skipped', 'comment'] as const])
const script = {
  first: 'recommend',
  questions: [
    question('recommend', 'nps', scale((n) => (n <= 6 ? 'reason' : 'comment')), [0, 10]),
    question('reason', 'text', { answered: 'comment', skipped: 'comment' }),
    question('comment', 'text', { answered: null, skipped: null }),
  ],
}
const keys = (answers: Answers): string[] => way(script, answers).map(({ key }) => key)

describe('the way through a survey', () => {
  it('follows what the service says of each answer, and zero is one', () => {
    expect(keys({})).toEqual(['recommend'])
    expect(keys({ recommend: 0 })).toEqual(['recommend', 'reason'])
    expect(keys({ recommend: 10 })).toEqual(['recommend', 'comment'])
    expect(keys({ recommend: null })).toEqual(['recommend', 'comment'])
  })

  it('ends where nothing follows', () => {
    expect(openQuestion(script, { recommend: 9 })?.key).toBe('comment')
    expect(openQuestion(script, { recommend: 9, comment: null })).toBeNull()
  })

  it('sends no answer that a changed one left behind', () => {
    expect(onTheWay(script, { recommend: 9, reason: 'too slow', comment: 'none' })).toEqual({ recommend: 9, comment: 'none' })
    expect(onTheWay(script, { recommend: 0, reason: null, comment: null })).toEqual({ recommend: 0, reason: null, comment: null })
  })

  it('does not turn for ever in a script that leads back', () => {
    const circle = { first: 'a', questions: [question('a', 'text', { answered: 'a', skipped: 'a' })] }
    expect(way(circle, { a: 'x' }).map(({ key }) => key)).toEqual(['a'])
  })

  it('knows what can be pressed', () => {
    expect(script.questions.map(possibleAnswers).map(({ length }) => length)).toEqual([11, 0, 0])
    expect(following(script.questions[0] as ScriptQuestion, 6)).toBe('reason')
  })
})

describe('digits', () => {
  it('make ten of one and zero that follow each other, and two answers of those that do not', () => {
    const reader = new DigitReader()
    expect(reader.read('1', 0, 0, 10)).toBe(1)
    expect(reader.read('0', 300, 0, 10)).toBe(10)
    expect(reader.read('0', 5000, 0, 10)).toBe(0)
    expect(reader.read('1', 9000, 0, 10)).toBe(1)
    expect(reader.read('0', 12_000, 0, 10)).toBe(0)
  })

  it('stay within the scale', () => {
    const reader = new DigitReader()
    expect(reader.read('9', 0, 1, 5)).toBeNull()
    expect(reader.read('4', 100, 1, 5)).toBe(4)
    expect(reader.read('x', 200, 1, 5)).toBeNull()
  })
})
