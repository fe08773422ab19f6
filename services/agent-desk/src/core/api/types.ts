/** What the services answer, written from their contract; `npm run types` generates the full picture from OpenAPI. */
import type {
  AttachmentId, CustomerId, DecisionId, InteractionId, MessageId, OfferId, PersonId, QueueId, TemplateId,
} from '../ids'

export type Instant = string

export interface Person {
  id: PersonId
  login: string
  name: string
  roles: string[]
  locale: string
  active: boolean
}

export type PresenceStatus = 'available' | 'busy' | 'break' | 'away' | 'offline'

export interface Presence {
  status: PresenceStatus
  since: Instant
  reason: string | null
  not_responding: boolean
}

export interface Skill {
  skill: string
  level: number
}

export interface Capacity {
  mail: number
  chat: number
}

export interface DeskAgent {
  id: PersonId
  name: string
  presence: Presence
  skills: Skill[]
  capacity: Capacity
}

export type Channel = 'mail' | 'chat' | 'partner' | 'in_person'
export type InteractionState = 'queued' | 'offered' | 'active' | 'wrap_up' | 'closed' | 'abandoned'
export type Identity = 'verified' | 'claimed' | 'unknown'

export interface CustomerBrief {
  id: CustomerId | null
  name: string
  identity: Identity
  tier: string | null
  history: 'ready' | 'late'
}

export interface QueueRef {
  id: QueueId
  name: string
}

export interface InboxRow {
  id: InteractionId
  channel: Channel
  state: InteractionState
  sort_key: string
  waiting_since: Instant
  target_at: Instant | null
  unread: number
  customer: CustomerBrief
  subject: string
  snippet: string
  queue: QueueRef
  language: string | null
  updated_at: Instant
  version: number
}

export interface Offer {
  id: OfferId
  interaction: InboxRow
  offered_at: Instant
  expires_at: Instant
  why: { skills: string[]; waited_seconds: number; because: string }
}

export interface IdentifierBrief {
  type: string
  value: string
  state: string
}

export interface AgentRef {
  id: PersonId
  name: string
}

export interface Interaction extends InboxRow {
  opened_at: Instant
  assigned_at: Instant | null
  agent: AgentRef | null
  identifiers: IdentifierBrief[]
  wrap_up_at: Instant | null
  disposition: string | null
  disposition_note: string | null
  closed_at: Instant | null
  can: Record<'reply' | 'note' | 'verify' | 'wrap_up' | 'resume' | 'close', boolean>
}

export type MessageKind = 'inbound' | 'reply' | 'note' | 'system'
export type DraftKind = 'reply' | 'note'

export interface Attachment {
  id: AttachmentId
  name: string
  size: number
  media_type: string
}

export interface Message {
  id: MessageId
  interaction_id: InteractionId
  seq: number
  kind: MessageKind
  author: { kind: 'customer' | 'agent' | 'system'; name: string }
  text: string
  language: string | null
  sent_at: Instant
  identity: 'verified' | 'claimed' | null
  delivery: 'queued' | 'sending' | 'sent' | 'failed' | 'unknown' | null
  attachments: Attachment[]
  html_available: boolean
}

export interface Page<T> {
  items: T[]
  next: string | null
}

export type InboxOrder = 'urgency' | 'newest' | 'oldest'

export interface DeskSettings {
  enter_sends: boolean
  order: InboxOrder
}

export interface DeskSnapshot {
  cursor: number
  agent: DeskAgent
  offers: Offer[]
  interactions: InboxRow[]
  counts: { mine: number; queue: number }
  settings: DeskSettings
}

export interface ServerDraft {
  text: string
  kind: DraftKind
  version: number
}

export interface DecisionReason {
  agent: PersonId
  name: string | null
  verdict: 'chosen' | 'passed_over'
  because: string
  facts: Record<string, string | number | boolean | null>
}

export interface Decision {
  id: DecisionId
  decided_at: Instant
  outcome: 'offered' | 'waiting'
  chosen_agent: AgentRef | null
  reasons: DecisionReason[]
  waiting_reason: string | null
}

export interface Template {
  id: TemplateId
  title: string
  body: string
  language: string
  initials?: string
  variables: string[]
}

export interface Rendering {
  text: string
  missing: string[]
}

export interface Disposition {
  code: string
  label: Record<string, string>
}

export interface TimelineEntry {
  id: string
  kind: string
  occurred_at: Instant
  title_key: string
  facts: Record<string, unknown>
  source: string
  identity: Identity
}

export interface PurchaseBrief {
  id: string
  purchased_at: Instant
  total_minor: number
  currency: string
  items: { name: string; quantity: number }[]
}

export interface ProductBrief {
  name: string
  bought_on: string | null
  warranty_ends_on: string | null
  warranty_state: 'active' | 'ends_soon' | 'ended' | 'none'
}

export interface ScreenPop {
  customer: {
    id: CustomerId
    name: string
    salutation: string | null
    language: string
    tier: string
    lifecycle: 'lead' | 'customer'
  }
  identifiers: { id: string; type: string; value_shown: string; state: string }[]
  flags: { code: string; note: string | null }[]
  last_purchases: PurchaseBrief[]
  products: ProductBrief[]
  contacts: TimelineEntry[]
  household: { customer_id: CustomerId; name: string; relation: string | null }[]
  counts: { purchases: number; products: number; household: number; contacts: Record<string, number> }
  as_of: Instant
  masked: boolean
}

export interface SupervisedQueue {
  id: QueueId
  name: string
  waiting: number
  longest_wait_seconds: number
  oldest_waiting_reason: string | null
  agents_available: number
  agents_with_skill: number
}

export interface SupervisedAgent {
  id: PersonId
  name: string
  status: PresenceStatus
  not_responding: boolean
  since: Instant
  active: number
  capacity: Capacity
  skills: Skill[]
}

export interface SupervisionSnapshot {
  as_of: Instant
  queues: SupervisedQueue[]
  agents: SupervisedAgent[]
  quarantined: number
}

export interface WaitingInteraction {
  interaction_id: InteractionId
  channel: Channel
  queue: QueueRef
  subject: string
  waiting_since: Instant
  reason: string | null
}

export interface QuarantinedMessage {
  id: string
  received_at: Instant
  sender: string
  subject: string
  reason: string
  size: number
}
