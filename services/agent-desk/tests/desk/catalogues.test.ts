import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

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

const FOLDER = join(__dirname, '../../src/desk/locales')

/** The catalogue of a language with those of the places that are loaded later: `feedback.en.json` is part of `en.json`. */
function parts(locale: string): Tree[] {
  const files = readdirSync(FOLDER).filter((name) => name === `${locale}.json` || name.endsWith(`.${locale}.json`))
  return files.map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Tree)
}

const english = flat(Object.assign({}, ...parts('en')) as Tree)
const chinese = flat(Object.assign({}, ...parts('zh-CN')) as Tree)
const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort()

describe('the catalogues', () => {
  it('hold each group in one file, so that no part overwrites another', () => {
    const groups = parts('en').flatMap((part) => Object.keys(part))
    expect(groups.filter((group, at) => groups.indexOf(group) !== at)).toEqual([])
  })

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
