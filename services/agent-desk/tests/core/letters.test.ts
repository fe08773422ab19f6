import { describe, expect, it } from 'vitest'
import { addressesIn } from '@core/addresses'
import { withLinks } from '@core/links'
import { splitQuoted } from '@core/quoted'

const linksIn = (text: string): (string | undefined)[][] => withLinks(text).filter(({ href }) => href).map(({ text: shown, href }) => [shown, href])

describe('who gets a copy', () => {
  it('is read as people type and paste it, each once', () => {
    expect(addressesIn('a@x.example; 李伟 <b@y.example>，A@X.example')).toEqual({ addresses: ['A@X.example', 'b@y.example'], wrong: [] })
  })

  it('is named when it is no address', () => {
    expect(addressesIn('a@x.example, son, a@x, 李@x.example, a b@x.example').wrong).toEqual(['son', 'a@x', '李@x.example', 'a b@x.example'])
    expect(addressesIn(' , ')).toEqual({ addresses: [], wrong: [] })
  })
})

describe('addresses in a text', () => {
  it('become links, and the text stays whole', () => {
    const text = 'See https://shop.example/a?b=c. Or (http://x.example/y_(z)), thanks'
    expect(linksIn(text)).toEqual([['https://shop.example/a?b=c', 'https://shop.example/a?b=c'], ['http://x.example/y_(z)', 'http://x.example/y_(z)']])
    expect(withLinks(text).map((piece) => piece.text).join('')).toBe(text)
  })

  it('end where Chinese punctuation and brackets begin', () => {
    expect(linksIn('网址是https://shop.example/保修，谢谢。点此 <https://b.example/x>')).toEqual([
      ['https://shop.example/保修', 'https://shop.example/%E4%BF%9D%E4%BF%AE'], ['https://b.example/x', 'https://b.example/x'],
    ])
  })

  it('of other kinds are text', () => {
    expect(linksIn('javascript:alert(1) data:text/html,x ftp://x.example mailto:a@x.example https:// http://')).toEqual([])
  })

  it('show where they lead', () => {
    const [shown, href] = linksIn('https://аррle.example/')[0] ?? []
    expect(shown).toMatch(/^https:\/\/xn--[a-z0-9-]+\.example\/$/)
    expect(href).toBe(shown)
    expect(linksIn('https://bank.example@evil.example/')).toEqual([])
    expect(withLinks('https://x.example/\u202egpj.exe')[0]).toEqual({ text: 'https://x.example/', href: 'https://x.example/' })
  })
})

describe('a letter that repeats another', () => {
  it('is told from it, with the line that announces it', () => {
    expect(splitQuoted('Thanks!\r\n\r\nOn Tue, 3 May 2026 at 10:00, Care wrote:\r\n> We come.\r\n>> When?\r\n\r\n')).toEqual({
      text: 'Thanks!', quoted: 'On Tue, 3 May 2026 at 10:00, Care wrote:\n> We come.\n>> When?',
    })
    expect(splitQuoted('好的\n\n在 2026年5月3日，客服 <care@shop.example> 写道：\n> 您好').text).toBe('好的')
    expect(splitQuoted('Yes\n\nOn Tue, 3 May 2026 at 10:00, A Very Long Name\n<care@shop.example> wrote:\n\n> We come.').text).toBe('Yes')
    expect(splitQuoted('好的\n\n------------------ 原始邮件 ------------------\n发件人: 客服\n您好').text).toBe('好的')
    expect(splitQuoted('Fine\n\n-----Original Message-----\nFrom: Care\nHello').text).toBe('Fine')
  })

  it('stays whole when answers stand between the lines, or nothing else is said', () => {
    for (const letter of ['> When?\nTomorrow.\n> Where?\nHere.', '> only this', 'a > b', 'One\n\nTwo', '', 'As she wrote: yes']) {
      expect(splitQuoted(letter)).toEqual({ text: letter, quoted: '' })
    }
  })
})
