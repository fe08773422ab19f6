import type { View } from './view'

export interface StateLine {
  text: string
  icon: 'clock' | 'check' | 'warn'
}

/** One line that says where the visitor stands; nothing before there is something to say. */
export function stateLine({ conversation, t, time }: Pick<View, 'conversation' | 't' | 'time'>): StateLine | null {
  const chat = conversation.chat.value
  const line = conversation.line.value
  const name = chat?.agent?.name ?? t('agent')
  if (chat?.state === 'ended') return { text: t(`ended_${chat.ended_by ?? 'agent'}`), icon: 'check' }
  if (line.name === 'offline') return { text: t('offline', { time: time(line.since) }), icon: 'warn' }
  if (!chat && !conversation.beginning.value) return null
  if (!chat || line.name === 'connecting') return { text: t('connecting'), icon: 'clock' }
  if (chat.state !== 'queued') return { text: t(chat.state, { name }), icon: 'check' }
  const { ahead } = chat
  return { text: t(ahead === null ? 'waiting' : ahead ? 'ahead' : 'next', { ahead: ahead ?? 0 }), icon: 'clock' }
}
