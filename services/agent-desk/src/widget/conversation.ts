import { ApiProblem } from '@core/api/problem'
import { backOffMs } from '@core/feed/back-off'
import { FeedClient, type FeedFrame, type FeedState, type SocketLike } from '@core/feed/feed-client'
import type { WidgetApi } from './api'
import { Delivery } from './delivery'
import { Outbox } from './outbox'
import type { Cell, Cells } from './cells'
import type { Storage } from './storage'
import type { Chat, ChatMessage, ChatStatus, Phone, Place, Unsent } from './types'

export interface ConversationOptions {
  cells: Cells
  api: WidgetApi
  storage: Storage
  /** What a new chat begins with. */
  opening: () => { language: string; queue?: string; topic?: string; page_url?: string }
  open?: (address: string) => SocketLike
}

/** The visitor's conversation: what was said, what is on its way, and where the chat is. */
export class Conversation {
  readonly chat: Cell<Omit<Chat, 'messages' | 'cursor'> | null>
  readonly messages: Cell<readonly ChatMessage[]>
  readonly unsent: Cell<readonly Unsent[]>
  readonly line: Cell<FeedState>
  readonly typing: Cell<boolean>
  /** Whether a chat has been asked for and is not there yet. */
  readonly beginning: Cell<boolean>

  private readonly outbox: Outbox
  private readonly delivery: Delivery
  private feed: FeedClient | null = null
  private starting: Promise<void> | null = null
  private lookingAgain: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly options: ConversationOptions) {
    const { cells } = options
    this.chat = cells.of<Omit<Chat, 'messages' | 'cursor'> | null>(null)
    this.messages = cells.of<readonly ChatMessage[]>([])
    this.unsent = cells.of<readonly Unsent[]>([])
    this.line = cells.of<FeedState>({ name: 'stopped' })
    this.typing = cells.of(false)
    this.beginning = cells.of(false)
    this.outbox = new Outbox(options.storage)
    this.delivery = new Delivery(this.outbox, (unsent) => this.deliver(unsent), () => { this.showUnsent() })
  }

  /** Go on where the page before this one was. Nobody is told of a visitor who has never written. */
  async resume(): Promise<void> {
    this.outbox.holdOld()
    this.showUnsent()
    await this.look()
    if (this.outbox.next()) await this.delivery.flush()
  }

  async say(text: string): Promise<void> {
    this.outbox.add(text)
    this.showUnsent()
    await this.delivery.flush()
  }

  /** Send what was held back; into a new chat if the old one is over. */
  async release(key: string): Promise<void> {
    this.outbox.hold(key, null)
    if (!this.open) this.clear()
    this.showUnsent()
    await this.delivery.flush()
  }

  discard(key: string): void {
    this.outbox.remove(key)
    this.showUnsent()
  }

  /** After an ended chat: show an empty one. The server hears of it with the first message. */
  startAnew(): void {
    this.clear()
    for (const each of this.outbox.all()) if (each.held === 'ended') this.outbox.hold(each.key, null)
    this.showUnsent()
    void this.delivery.flush()
  }

  async givePhone(number: string): Promise<void> {
    const phone = await this.post<Phone>('phone', { number })
    if (this.chat.value) this.chat.value = { ...this.chat.value, phone }
  }

  async end(): Promise<void> {
    await this.post('end')
    await this.refresh()
  }

  /** Another tab of the page has written or sent something. */
  outboxChanged(): void {
    this.showUnsent()
  }

  /** The browser says that the line is back, or the page is seen again. */
  hurry(): void {
    this.feed?.hurry()
    if (this.chat.value === null) void this.look()
    if (this.outbox.next()) void this.delivery.flush()
  }

  /** The browser says that the line is gone; a socket may take minutes to notice. */
  lost(): void {
    this.feed?.stop()
    this.feed?.start()
  }

  stop(): void {
    this.feed?.stop()
    this.delivery.stop()
    clearTimeout(this.lookingAgain)
  }

  private get open(): boolean {
    return this.chat.value !== null && this.chat.value.state !== 'ended'
  }

  private get token(): string | null {
    return this.options.storage.read('token')
  }

  private showUnsent(): void {
    this.unsent.value = this.outbox.all()
  }

  private clear(): void {
    this.feed?.stop()
    this.feed = null
    this.chat.value = null
    this.messages.value = []
    this.typing.value = false
  }

  private post<T>(action: string, body?: unknown): Promise<T> {
    const chat = this.chat.value
    if (!chat || this.token === null) throw new Error('no chat')
    return this.options.api.post<T>(`/chats/${chat.id}/${action}`, { token: this.token, body })
  }

  private async deliver(unsent: Unsent): Promise<void> {
    if (!this.open) {
      if (this.chat.value?.state === 'ended') throw new ApiProblem(409, 'chat-ended', '', '', {})
      await this.begin()
    }
    const chat = this.chat.value
    if (!chat || this.token === null) throw new Error('no chat')
    try {
      const path = `/chats/${chat.id}/messages`
      const call = { token: this.token, body: { text: unsent.text }, key: unsent.key }
      this.add(await this.options.api.post<ChatMessage>(path, call))
    } catch (fault) {
      await this.afterRefusal(fault)
      throw fault
    }
  }

  /** The chat may be over, or the visitor forgotten, without a line having said so. */
  private async afterRefusal(fault: unknown): Promise<void> {
    if (!(fault instanceof ApiProblem)) return
    if (fault.status === 401) this.forget()
    else if (fault.status === 404) this.clear()
    else if (fault.code === 'chat-ended') await this.refresh().catch(() => undefined)
  }

  private forget(): void {
    this.options.storage.write('token', null)
    this.clear()
  }

  private begin(): Promise<void> {
    this.starting ??= this.reallyBegin().finally(() => {
      this.starting = null
    })
    return this.starting
  }

  private async reallyBegin(): Promise<void> {
    this.beginning.value = true
    try {
      let token = this.token
      if (token === null) {
        token = (await this.options.api.post<{ token: string }>('/visitors')).token
        this.options.storage.write('token', token)
      }
      this.show(await this.options.api.post<Chat>('/chats', { token, body: this.options.opening() }))
    } catch (fault) {
      if (fault instanceof ApiProblem && fault.status === 401) this.forget()
      throw fault
    } finally {
      this.beginning.value = false
    }
  }

  private async refresh(): Promise<number | null> {
    if (this.token === null) return null
    try {
      const chat = await this.options.api.get<Chat | null>('/chats/current', this.token)
      if (chat === null) this.clear()
      else this.show(chat)
      return chat?.cursor ?? null
    } catch (fault) {
      if (!(fault instanceof ApiProblem) || fault.status !== 401) throw fault
      this.forget()
      return null
    }
  }

  /** Ask for the chat until there is an answer. */
  private async look(attempt = 0): Promise<void> {
    clearTimeout(this.lookingAgain)
    if (this.token === null) return
    try {
      await this.refresh()
    } catch {
      const since = this.line.value.name === 'offline' ? this.line.value.since : Date.now()
      this.line.value = { name: 'offline', since, attempt }
      this.lookingAgain = setTimeout(() => void this.look(attempt + 1), backOffMs(attempt))
    }
  }

  private show({ messages, cursor, ...chat }: Chat): void {
    const before = this.chat.value
    // The line may have told more than the snapshot holds while that was on its way.
    const late = before?.id === chat.id && (this.feed?.after ?? 0) > cursor
    if (late) chat.state = before.state
    else this.chat.value = chat
    this.messages.value = merge(before?.id === chat.id ? this.messages.value : [], messages)
    this.confirm(messages)
    if (chat.state === 'ended') {
      this.feed?.stop()
      this.feed = null
    } else if (!this.feed || before?.id !== chat.id) {
      this.feed?.stop()
      this.connect(chat.id, cursor)
    }
  }

  private connect(chatId: string, cursor: number): void {
    const address = this.options.api.socketAddress(`/chats/${chatId}/feed`)
    this.feed = new FeedClient({
      open: () => this.options.open?.(address) ?? (new WebSocket(address) as never),
      token: async (renew) => {
        // The line was refused: look whether there still is a chat before trying again.
        if (renew && this.line.value.name !== 'live') await this.refresh()
        if (this.token === null) throw new Error('no visitor')
        return this.token
      },
      onEvent: (frame) => { this.take(frame) },
      onState: (state) => { this.line.value = state },
      onReset: () => this.refresh(),
      cursor,
    })
    this.feed.start()
  }

  private take(frame: FeedFrame): void {
    const chat = this.chat.value
    if (!chat) return
    if (frame.type === 'message.added') this.add(frame.data as ChatMessage)
    else if (frame.type === 'position.changed') this.chat.value = { ...chat, ...(frame.data as Place) }
    else if (frame.type === 'agent.typing') this.typing.value = (frame.data as { typing: boolean }).typing
    else if (frame.type === 'state.changed') this.enter({ ...chat, ...(frame.data as ChatStatus) })
  }

  private enter(chat: Omit<Chat, 'messages' | 'cursor'>): void {
    this.chat.value = chat.state === 'queued' ? chat : { ...chat, position: null, ahead: null }
    if (chat.state !== 'active') this.typing.value = false
    if (chat.state === 'ended') {
      this.feed?.stop()
      this.feed = null
    }
  }

  /** The answer to our request and the line may tell of a message in either order, or both. */
  private add(message: ChatMessage): void {
    this.messages.value = merge(this.messages.value, [message])
    this.confirm([message])
    if (message.author === 'agent') this.typing.value = false
  }

  private confirm(messages: readonly ChatMessage[]): void {
    const kept = new Set(messages.map((message) => message.client_id))
    const confirmed = this.outbox.all().filter((each) => kept.has(each.key))
    for (const each of confirmed) this.outbox.remove(each.key)
    if (confirmed.length > 0) this.showUnsent()
  }
}

function merge(known: readonly ChatMessage[], more: readonly ChatMessage[]): ChatMessage[] {
  const byId = new Map([...known, ...more].map((message) => [message.id, message]))
  return [...byId.values()].sort((one, other) => one.seq - other.seq)
}
