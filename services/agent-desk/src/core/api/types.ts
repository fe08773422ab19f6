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

export interface DeskAgent {
  id: PersonId
  name: string
  presence: Presence
  skills: (string | { skill: string; level: number })[]
  capacity: Record<string, unknown>
}

export type Channel = 'mail' | 'chat' | 'partner' | 'in_person'
export type InteractionState = 'queued' | 'offered' | 'active' | 'held' | 'wrap_up' | 'closed' | 'abandoned'
export type Identity = 'verified' | 'claimed' | 'unknown'

export interface CustomerBrief {
  id: CustomerId | null
  name: string | null
  identity: Identity
  tier: string | null
  history: 'ready' | 'late'
}

export interface InboxRow {
  id: InteractionId
  channel: Channel
  state: InteractionState
  sort_key: string
  waiting_since: Instant | null
  target_at: Instant | null
  unread: number
  customer: CustomerBrief
  subject: string | null
  snippet: string | null
  queue: { id: QueueId; name: string } | null
  language: string | null
  updated_at: Instant
  version: number
}

export interface Offer {
  id: OfferId
  interaction: InboxRow
  offered_at: Instant
  expires_at: Instant
  why: { skills: string[]; waited_seconds: number; because: string | null }
}

export interface IdentifierBrief {
  type: string
  value: string
  state: string
}

export interface Interaction extends InboxRow {
  opened_at: Instant
  assigned_at: Instant | null
  agent: { id: PersonId; name: string | null } | null
  identifiers: IdentifierBrief[]
  wrap_up_until: Instant | null
  disposition: string | null
  closed_at: Instant | null
  can: Record<string, boolean>
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
  interaction_id?: InteractionId
  seq: number
  kind: MessageKind
  author: { kind: 'customer' | 'agent' | 'system'; name: string | null }
  text: string
  language: string | null
  sent_at: Instant
  delivery: { state: 'queued' | 'sent' | 'failed' | 'unknown' } | null
  attachments: Attachment[]
  html_available: boolean
}

export interface Page<T> {
  items: T[]
  next: string | null
}

export interface DeskSettings {
  enter_sends: boolean | null
  order: string | null
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
  name?: string | null
  verdict: 'chosen' | 'passed_over'
  because: string
  facts: Record<string, unknown>
}

export interface Decision {
  id: DecisionId
  decided_at: Instant
  outcome: string
  chosen_agent: PersonId | null
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
  source: string | null
  identity: Identity | null
}

export interface PurchaseBrief {
  id?: string
  purchased_at: Instant
  total_minor: number | null
  currency: string
  items?: { name: string; quantity: number }[]
}

export interface ProductBrief {
  name: string
  bought_on: string | null
  warranty_ends_on: string | null
  warranty_state: string | null
}

export interface ScreenPop {
  customer: {
    id: CustomerId
    name: string
    salutation: string | null
    language: string | null
    tier: string | null
    lifecycle: string | null
  }
  identifiers: { id?: string; type: string; value?: string; value_shown?: string; state: string }[]
  flags: (string | { code: string; note?: string | null })[]
  last_purchases: PurchaseBrief[]
  products: ProductBrief[]
  contacts: TimelineEntry[]
  household: { customer_id?: string; name: string; relation?: string | null; role?: string | null }[]
  as_of: Instant
  masked: boolean
}

export interface SupervisedQueue {
  id: QueueId
  name: string
  waiting: number
  longest_wait_seconds: number | null
  oldest_waiting_reason: string | null
  agents_available: number
  agents_with_skill: number
}

export interface SupervisedAgent {
  id: PersonId
  name: string
  status: PresenceStatus
  since: Instant
  active: number
  capacity: number | Record<string, unknown>
  skills: (string | { skill: string; level: number })[]
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
  queue: string | { id: QueueId; name: string } | null
  waiting_since: Instant
  reason: string | null
}

export interface QuarantinedMessage {
  id: string
  received_at: Instant
  sender: string | null
  subject: string | null
  reason: string
}
