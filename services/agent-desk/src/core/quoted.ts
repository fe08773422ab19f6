const QUOTED = /^\s?>/
// `On 3 May 2026, Li Wei <…> wrote:` and its like, which may be broken over two lines.
const ANNOUNCED = /(?:wrote|写道|寫道|schrieb|a écrit|escribió)[^:：]{0,40}[:：]$/i
// Names a day or begins as such lines do; else the line above belongs to it.
const WHOLE = /^(?:on|am|le|el)\b|^[在于]|\d/i
const SEPARATED = /^\s*(?:-{2,}\s*(?:original message|原始邮件|回复的邮件|ursprüngliche nachricht)\s*-{2,}|-{4,}\s*(?:原始邮件|original).{0,20})\s*$/i
const HEADED = /^(?:from|发件人|寄件者|von)[:：]/i

export interface Letter {
  /** What was written anew. */
  text: string
  /** What the letter repeats at its end; empty if nothing, or if answers stand between the lines. */
  quoted: string
}

/** Tells what a mail says from what it repeats. Whatever is not surely repeated stays in the text. */
export function splitQuoted(letter: string): Letter {
  const lines = letter.replaceAll('\r\n', '\n').split('\n')
  const at = Math.min(...[separated(lines), quotedEnd(lines)].filter((line) => line > 0))
  const text = Number.isFinite(at) ? lines.slice(0, at).join('\n').trimEnd() : ''
  return text === '' ? { text: letter, quoted: '' } : { text, quoted: lines.slice(at).join('\n').trim() }
}

function separated(lines: readonly string[]): number {
  return lines.findIndex((line, at) => SEPARATED.test(line) || (/^\s*_{10,}\s*$/.test(line) && HEADED.test(lines[at + 1]?.trim() ?? '')))
}

/** Where the lines with `>` begin that end the letter, with the line that announces them. */
function quotedEnd(lines: readonly string[]): number {
  let at = lines.length
  while (at > 0 && (QUOTED.test(lines[at - 1] ?? '') || lines[at - 1]?.trim() === '')) at -= 1
  while (at < lines.length && lines[at]?.trim() === '') at += 1
  if (at === lines.length) return -1
  let above = at
  while (above > 0 && lines[above - 1]?.trim() === '') above -= 1
  for (const height of [1, 2]) {
    const announcement = lines.slice(Math.max(0, above - height), above).join(' ').trim()
    if (ANNOUNCED.test(announcement) && (height === 2 || WHOLE.test(announcement))) return above - height
  }
  return at
}
