// Neither brackets and quotes, which stand around addresses, nor what turns the direction of reading and so hides one.
const ADDRESS = /https?:\/\/[^\s<>"“”‘’「」『』（）【】《》，。；：！？、\u202a-\u202e\u2066-\u2069]+/gi

export interface Piece {
  text: string
  href?: string
}

/**
 * A text with its http(s) addresses as links. What is shown is where it leads: a name in another script, which may look
 * like a known one, is shown in its ASCII form, and an address with a user's name in front (`bank.example@evil.example`) is none.
 */
export function withLinks(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const match of text.matchAll(ADDRESS)) {
    const typed = withoutEnd(match[0])
    if (!URL.canParse(typed)) continue
    const url = new URL(typed)
    if (url.username || url.password) continue
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) })
    const plain = /^[\x21-\x7e]+$/.test(typed.split('/')[2] ?? '')
    pieces.push({ text: plain ? typed : url.href, href: url.href })
    from = match.index + typed.length
  }
  if (from < text.length) pieces.push({ text: text.slice(from) })
  return pieces
}

/** The sentence's own full stop or bracket is not the address's. */
function withoutEnd(typed: string): string {
  let rest = typed.replace(/[.,;:!?'*_~]+$/, '')
  while (/[)\]}]$/.test(rest) && unmatched(rest)) rest = rest.slice(0, -1).replace(/[.,;:!?'*_~]+$/, '')
  return rest
}

function unmatched(text: string): boolean {
  const close = text.slice(-1)
  const open = { ')': '(', ']': '[', '}': '{' }[close] ?? ''
  return text.split(close).length > text.split(open).length
}
