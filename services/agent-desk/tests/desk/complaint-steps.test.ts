import { describe, expect, it } from 'vitest'
import type { Complaint } from '@core/api/types'
import { minorUnits } from '@desk/complaints/choices'
import { missing, nextStep, stepsOf } from '@desk/complaints/steps'

type Known = Pick<Complaint, 'state' | 'acknowledged_at' | 'cause_code' | 'decision' | 'reply_text' | 'customer_word'>

function complaint(known: Partial<Known> = {}): Complaint {
  const fresh: Known = { state: 'open', acknowledged_at: null, cause_code: null, decision: null, reply_text: null, customer_word: null }
  return { ...fresh, ...known } as Complaint
}

const next = (known: Partial<Known> = {}): string | null => nextStep(stepsOf(complaint(known)))
const possible = (known: Partial<Known> = {}): string[] => stepsOf(complaint(known)).filter((step) => step.possible).map(({ name }) => name)

describe('the way of a complaint', () => {
  it('leads from one step to the next', () => {
    const told = { acknowledged_at: '2026-11-22T10:00:00Z' }
    const decided = { ...told, cause_code: 'supplier', decision: 'upheld' } as const
    expect(next()).toBe('acknowledgement')
    expect(next(told)).toBe('cause')
    expect(next({ ...told, cause_code: 'supplier' })).toBe('decision')
    expect(next(decided)).toBe('reply')
    expect(next({ ...decided, reply_text: 'Sorry', state: 'answered' })).toBe('word')
    expect(next({ ...decided, reply_text: 'Sorry', customer_word: 'accepted', state: 'answered' })).toBe('closure')
    expect(next({ ...decided, reply_text: 'Sorry', customer_word: 'accepted', state: 'closed' })).toBeNull()
  })

  it('offers no answer before cause and decision, and no closing before the customer’s word', () => {
    expect(possible({ cause_code: 'supplier' })).not.toContain('reply')
    expect(possible({ state: 'answered', cause_code: 'supplier', decision: 'upheld', reply_text: 'Sorry' })).not.toContain('closure')
  })

  it('names what is missing', () => {
    expect(missing(complaint({ cause_code: 'other', reply_text: 'Sorry' }))).toEqual(['decision', 'customer_word'])
  })
})

describe('an amount', () => {
  it('is taken with point or comma, in the smallest unit of its currency', () => {
    expect([minorUnits('49.9', 'CNY'), minorUnits('49,90', 'EUR'), minorUnits('500', 'JPY'), minorUnits('0.01', 'USD')]).toEqual([4990, 4990, 500, 1])
  })

  it('is refused when it is none', () => {
    expect(['0', '-1', '1.234', '1 000', '', 'ten'].map((typed) => minorUnits(typed, 'CNY'))).toEqual([null, null, null, null, null, null])
    expect(minorUnits('1.5', 'JPY')).toBeNull()
  })
})
