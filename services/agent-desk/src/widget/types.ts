import type { InteractionId, MessageId } from '@core/ids'

export type ChatState = 'queued' | 'active' | 'wrap_up' | 'ended'

export interface Phone {
  shown: string
  state: 'claimed' | 'verified'
}

export interface ChatStatus {
  state: ChatState
  agent: { name: string } | null
  phone: Phone | null
  ended_by: 'visitor' | 'agent' | 'absence' | null
}

export interface ChatMessage {
  id: MessageId
  seq: number
  author: 'visitor' | 'agent'
  name: string
  text: string
  sent_at: string
  client_id: string | null
}

export interface Place {
  position: number | null
  ahead: number | null
}

export interface Chat extends ChatStatus, Place {
  id: InteractionId
  opened_at: string
  messages: ChatMessage[]
  cursor: number
}

/** A message on its way. Its key is the server's Idempotency-Key, so sending it again never says it twice. */
export interface Unsent {
  key: string
  text: string
  writtenAt: number
  /** Why it waits for a word of the visitor instead of being sent by itself. */
  held: 'old' | 'ended' | 'refused' | null
}
