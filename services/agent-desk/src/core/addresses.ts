// What the server takes too (`copies.py`); it has the last word.
const ADDRESS = /^[^@\s<>"(),:;\\]{1,64}@[^@\s<>"(),:;\\.]+(\.[^@\s<>"(),:;\\.]+)+$/
const ASCII = /^[\x20-\x7e]+$/
export const MAX_COPIES = 10

export interface Typed {
  addresses: string[]
  /** What is no address, as it was typed. */
  wrong: string[]
}

/** Mail addresses as people type and paste them: `a@x.example; 李伟 <b@y.example>，c@z.example`. Each counts once. */
export function addressesIn(text: string): Typed {
  const found = new Map<string, string>()
  const wrong: string[] = []
  for (const part of text.split(/[,;，；、\n]/)) {
    const typed = part.trim()
    const address = /<([^<>]*)>$/.exec(typed)?.[1]?.trim() ?? typed
    if (typed === '') continue
    if (ADDRESS.test(address) && ASCII.test(address)) found.set(address.toLowerCase(), address)
    else wrong.push(typed)
  }
  return { addresses: [...found.values()], wrong }
}
