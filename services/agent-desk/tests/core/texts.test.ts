import { describe, expect, it } from 'vitest'
import type { Template } from '@core/api/types'
import { findCanned, slashQuery } from '@core/canned'
import { clockText, span } from '@core/duration'
import { chooseLocale, createLookup } from '@core/i18n'
import { markGaps, unresolvedNames } from '@core/unresolved'

function template(title: string, initials: string, body = '', language = 'zh-CN'): Template {
  return { id: title, title, initials, body, language, variables: [] } as unknown as Template
}

describe('canned replies', () => {
  it('open with a slash at the start of a line only', () => {
    expect(slashQuery('/bx', 3)).toEqual({ from: 0, query: 'bx' })
    expect(slashQuery('您好\n/bx', 6)).toEqual({ from: 3, query: 'bx' })
    expect(slashQuery('and/or', 6)).toBeNull()
    expect(slashQuery('', 0)).toBeNull()
  })

  it('are found by title, pinyin initials and text, the customer’s language first', () => {
    const all = [template('保修政策', 'bxzc', '仍在保修期'), template('感谢来信', 'gxlx', '感谢您关注保修'), template('Thanks', 'T', 'warranty', 'en')]
    expect(findCanned(all, 'bx', 'zh-CN').map(({ title }) => title)).toEqual(['保修政策'])
    expect(findCanned(all, '保修', 'zh-CN').map(({ title }) => title)).toEqual(['保修政策', '感谢来信'])
    expect(findCanned(all, '', 'en').map(({ title }) => title)[0]).toBe('Thanks')
  })
})

describe('gaps of a template', () => {
  const body = 'Dear {{ customer.name }}, your order {{ order.number }} is on its way.'

  it('that the server left empty are marked where they are', () => {
    const text = markGaps(body, 'Dear Chen, your order  is on its way.', ['order.number'])
    expect(text).toBe('Dear Chen, your order {{ order.number }} is on its way.')
    expect(unresolvedNames(text)).toEqual(['order.number'])
  })

  it('are marked at the end when their place cannot be told', () => {
    const text = markGaps('{% if a %}x{% endif %}{{ b }}', 'x', ['b'])
    expect(unresolvedNames(text)).toEqual(['b'])
  })

  it('are none when all was known', () => {
    expect(markGaps(body, 'as it is', [])).toBe('as it is')
    expect(unresolvedNames('plain { text } and {{}}')).toEqual([])
  })
})

describe('words', () => {
  it('fill in what is given and show a missing key', () => {
    const t = createLookup({ hello: 'Hello {name}' })
    expect(t('hello', { name: 'Chen' })).toBe('Hello Chen')
    expect(t('missing')).toBe('missing')
  })

  it('are in the first language that we speak', () => {
    expect(chooseLocale([null, 'fr', 'zh-Hant-TW', 'en'])).toBe('zh-CN')
    expect(chooseLocale(['fr'])).toBe('en')
  })

  it('say durations', () => {
    expect(clockText(75)).toBe('1:15')
    expect(clockText(3675)).toBe('1:01:15')
    expect(clockText(-3)).toBe('0:00')
    expect(span(95)).toEqual({ unit: 'minute', count: 1 })
    expect(span(-26 * 3600)).toEqual({ unit: 'day', count: 1 })
  })
})
