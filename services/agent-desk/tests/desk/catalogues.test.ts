import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from '../../src/desk/locales/en.json'
import zh from '../../src/desk/locales/zh-CN.json'

interface Tree {
  [key: string]: string | Tree
}

function flat(tree: Tree, prefix = ''): Map<string, string> {
  const texts = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') texts.set(prefix + key, value)
    else for (const [inner, text] of flat(value, `${prefix}${key}.`)) texts.set(inner, text)
  }
  return texts
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /\.(vue|ts)$/.test(entry.name) ? [readFileSync(path, 'utf8')] : []
  })
}

const english = flat(en as Tree)
const chinese = flat(zh as Tree)
const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort()

describe('the catalogues', () => {
  it('say the same things in both languages', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
  })

  it('fill in the same names', () => {
    for (const [key, text] of english) {
      const forms = text.split(' | ').map((form) => names(form))
      expect({ key, names: [...new Set(forms.flat())] }).toEqual({ key, names: [...new Set(names(chinese.get(key) ?? ''))] })
    }
  })

  it('have every text that the page asks for', () => {
    const asked = sources(join(__dirname, '../../src/desk')).flatMap((source) => [...source.matchAll(/\bt\('([\w.-]+)'/g)].map((match) => match[1] ?? ''))
    expect(asked.length).toBeGreaterThan(100)
    expect([...new Set(asked)].filter((key) => !english.has(key))).toEqual([])
  })
})
