import type { Of } from '@core/api/types'

export type Chat = Of<'router', 'Chat'>
export type ChatMessage = Of<'router', 'ChatMessage'>
export type Phone = Of<'router', 'Phone'>
export type ChatState = Chat['state']
export type ChatStatus = Pick<Chat, 'state' | 'agent' | 'phone' | 'ended_by'>
export type Place = Pick<Chat, 'position' | 'ahead'>

/** A message on its way. Its key is the server's Idempotency-Key, so sending it again never says it twice. */
export interface Unsent {
  key: string
  text: string
  writtenAt: number
  /** Why it waits for a word of the visitor instead of being sent by itself. */
  held: 'old' | 'ended' | 'refused' | null
}
