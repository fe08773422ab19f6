import type { DraftKind, ServerDraft } from './api/types'

export interface Draft {
  text: string
  kind: DraftKind
  /** Who gets a copy, as it is typed. */
  cc?: string
  version: number
  templateId?: string
  /** Names that the template could not fill; sending waits until they are gone from the text. */
  missing?: string[]
}

export interface DraftStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

export interface DraftServer {
  /** Stores the draft and gives its new version. Throws `StaleDraft` when another device wrote meanwhile. */
  save(conversation: string, draft: Draft): Promise<number>
  load(conversation: string): Promise<ServerDraft | null>
}

export class StaleDraft extends Error {
  constructor(readonly theirs: ServerDraft | null) {
    super('the draft was changed elsewhere')
  }
}

export interface DraftOptions {
  user: string
  storage: DraftStorage
  server: DraftServer
  /** Another device has written: both texts are handed over, nothing is thrown away. */
  onConflict?: (conversation: string, mine: Draft, theirs: ServerDraft | null) => void
}

const LOCAL_AFTER_MS = 300
const SERVER_AFTER_MS = 2000

/**
 * Keeps what is typed: in the browser after 300 ms, on the server after 2 s, one draft for each user, conversation
 * and channel. Losing the line or the session loses nothing, because the local copy goes first.
 */
export class DraftKeeper {
  private readonly pending = new Map<string, { draft: Draft; local: Timer; server: Timer }>()
  private readonly versions = new Map<string, number>()
  private readonly sent = new Map<string, string>()

  constructor(private readonly options: DraftOptions) {}

  /** The newest text known: what was typed here, else what the server has. */
  async open(conversation: string, channel: string): Promise<Draft | null> {
    const local = this.local(conversation, channel)
    const stored = await this.options.server.load(conversation).catch(() => null)
    if (stored) this.versions.set(conversation, Math.max(stored.version, this.versions.get(conversation) ?? 0))
    if (local && (!stored || stored.version <= local.version)) return local
    return stored && !isEmpty(stored) ? { ...stored } : local
  }

  local(conversation: string, channel: string): Draft | null {
    const waiting = this.pending.get(conversation)
    if (waiting) return waiting.draft
    try {
      const text = this.options.storage.getItem(this.key(conversation, channel))
      return text === null ? null : (JSON.parse(text) as Draft)
    } catch {
      return null
    }
  }

  change(conversation: string, channel: string, change: Omit<Draft, 'version'>): void {
    const draft: Draft = { ...change, version: this.versions.get(conversation) ?? 0 }
    this.cancel(conversation)
    this.pending.set(conversation, {
      draft,
      local: setTimeout(() => {
        this.store(conversation, channel, draft)
      }, LOCAL_AFTER_MS),
      server: setTimeout(() => void this.upload(conversation, channel, draft), SERVER_AFTER_MS),
    })
  }

  /** The page is about to go: writes at once what waits for its 300 ms. */
  flush(channelOf: (conversation: string) => string): void {
    for (const [conversation, waiting] of this.pending) this.store(conversation, channelOf(conversation), waiting.draft)
  }

  /** The message was handed over: the draft goes here at once, on the server together with the sending. */
  handedOver(conversation: string, channel: string, text: string): void {
    this.cancel(conversation)
    this.pending.delete(conversation)
    this.sent.set(conversation, text)
    this.versions.set(conversation, 0)
    this.options.storage.removeItem(this.key(conversation, channel))
  }

  private async upload(conversation: string, channel: string, draft: Draft): Promise<void> {
    try {
      const version = await this.options.server.save(conversation, draft)
      this.versions.set(conversation, version)
      if (this.pending.get(conversation)?.draft === draft) {
        this.pending.delete(conversation)
        this.store(conversation, channel, { ...draft, version })
      }
    } catch (error) {
      if (!(error instanceof StaleDraft)) return
      await this.settle(conversation, channel, draft, error.theirs)
    }
  }

  /** What the server has may be what we just sent, which is no conflict; anything else is put to the agent. */
  private async settle(conversation: string, channel: string, mine: Draft, theirs: ServerDraft | null): Promise<void> {
    this.versions.set(conversation, theirs?.version ?? 0)
    const gone = theirs === null || isEmpty(theirs) || theirs.text === this.sent.get(conversation)
    if (!gone) {
      this.options.onConflict?.(conversation, mine, theirs)
      return
    }
    this.sent.delete(conversation)
    if (this.pending.get(conversation)?.draft === mine) {
      await this.upload(conversation, channel, { ...mine, version: theirs?.version ?? 0 })
    }
  }

  private store(conversation: string, channel: string, draft: Draft): void {
    try {
      const key = this.key(conversation, channel)
      if (isEmpty(draft)) this.options.storage.removeItem(key)
      else this.options.storage.setItem(key, JSON.stringify(draft))
    } catch {
      // A full or forbidden storage leaves the server's copy, which follows within two seconds.
    }
  }

  private cancel(conversation: string): void {
    const waiting = this.pending.get(conversation)
    clearTimeout(waiting?.local)
    clearTimeout(waiting?.server)
  }

  private key(conversation: string, channel: string): string {
    return `careline:draft:${this.options.user}:${conversation}:${channel}`
  }
}

function isEmpty({ text, cc = '' }: { text: string; cc?: string }): boolean {
  return text === '' && cc === ''
}

type Timer = ReturnType<typeof setTimeout>
