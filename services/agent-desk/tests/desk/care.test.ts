import { mount } from '@vue/test-utils'
import { defineComponent, h } from 'vue'
import { createI18n } from 'vue-i18n'
import { describe, expect, it } from 'vitest'
import { ApiProblem } from '@core/api/problem'
import type { CareCell, GateVerdict } from '@core/api/types'
import { occasionsOf, tiersOf } from '@desk/care/matrix'
import { changedMeanwhile, etag, faultsOf } from '@desk/care/refusal'
import { decidingOf, useVerdicts } from '@desk/care/useVerdicts'
import care from '@desk/locales/care.en.json'
import main from '@desk/locales/en.json'

function verdict(gate: string, said: GateVerdict['verdict'], reason: string, facts: Record<string, unknown> = {}): GateVerdict {
  return { gate, verdict: said, reason, facts }
}

describe('what decides', () => {
  it('is the first no, and a hold only where nobody says no', () => {
    const hold = verdict('quiet_hours', 'hold', 'asleep')
    const no = verdict('cap', 'no', 'cap_reached')
    const pass = verdict('expiry', 'pass', 'in_time')
    expect(decidingOf([pass, hold, no])).toBe(no)
    expect(decidingOf([pass, hold])).toBe(hold)
    expect(decidingOf([pass])).toBeUndefined()
  })
})

describe('why, or why not', () => {
  const said: Record<string, string> = {}
  mount(defineComponent({
    setup() {
      const { sentenceOf } = useVerdicts()
      said.consent = sentenceOf(verdict('consent', 'no', 'none', { purpose: 'marketing', channel: 'mail', needed: 'granted' }))
      said.cap = sentenceOf(verdict('cap', 'no', 'cap_reached', { cap: '2 in 7 days', contacts: 2, ahead: [] }))
      said.sending = sentenceOf(verdict('consent', 'no', 'at_sending'))
      said.strange = sentenceOf(verdict('moon', 'no', 'wrong_phase'))
      return () => h('p')
    },
  }), { global: { plugins: [createI18n({ legacy: false, locale: 'en', messages: { en: { ...main, ...care } as never } })] } })

  it('is a sentence with the facts of the gate in words', () => {
    expect(said.consent).toBe('The customer never said anything about Marketing by mail; needed is: a yes.')
    expect(said.cap).toBe('The cap 2 in 7 days is reached (2 contacts).')
    expect(said.sending).toBe('Refused just before sending.')
  })

  it('shows the code of a gate that nobody has put into words yet', () => {
    expect(said.strange).toBe('wrong phase')
  })
})

describe('a refusal', () => {
  const problem = (status: number, fields: Record<string, unknown>): ApiProblem => new ApiProblem(status, 'urn:careline:problem:x', 'X', '', fields)

  it('stands at its field', () => {
    expect(faultsOf(problem(422, { errors: [{ field: 'languages.en.subject', rule: 'r', hint: 'why' }] }))).toEqual({ subject: 'why' })
    expect(faultsOf(new Error('x'))).toEqual({})
  })

  it('of an old version is told from all others', () => {
    expect([412, 409, 422].map((status) => changedMeanwhile(problem(status, {})))).toEqual([true, false, false])
    expect(etag(3)).toBe('"3"')
  })
})

describe('the matrix', () => {
  it('shows the best tier first, and the company’s own tiers and occasions after ours', () => {
    const cells = [['regular', 'follow_up'], ['bronze', 'birthday'], ['gold', 'harvest']].map(([tier, occasion]) => ({ tier, occasion }) as CareCell)
    expect(tiersOf(cells)).toEqual(['gold', 'regular', 'bronze'])
    expect(occasionsOf(cells)).toEqual(['birthday', 'follow_up', 'harvest'])
  })
})
