/**
 * What the services answer, under the names that the desk uses. All of it is generated from the services' OpenAPI
 * documents (`npm run types`); a page for another part of a service names its types the same way.
 */
import type { components as Care } from '@generated/care-scheduler'
import type { components as Profile } from '@generated/customer-profile'
import type { components as Directory } from '@generated/directory'
import type { components as Feedback } from '@generated/feedback'
import type { components as Router } from '@generated/interaction-router'

export interface Services {
  care: Care['schemas']
  directory: Directory['schemas']
  feedback: Feedback['schemas']
  profile: Profile['schemas']
  router: Router['schemas']
}

/** A schema by its service and name: `Of<'router', 'Offer'>`. */
export type Of<Service extends keyof Services, Name extends keyof Services[Service]> = Services[Service][Name]

/** One page of a list, as every service cuts them. */
export interface Page<Item> {
  items: Item[]
  next: string | null
}

export type Person = Of<'directory', 'Person'>
export type AccessToken = Of<'directory', 'AccessToken'>

export type Presence = Of<'router', 'Presence'>
export type PresenceStatus = Presence['status']
export type InboxRow = Of<'router', 'InboxRow'>
export type Channel = InboxRow['channel']
export type CustomerBrief = Of<'router', 'CustomerRef'>
export type Identity = CustomerBrief['identity']
export type Interaction = Of<'router', 'Interaction'>
export type Offer = Of<'router', 'Offer'>
export type Message = Of<'router', 'Message'>
export type Attachment = Of<'router', 'AttachmentInfo'>
export type DeskSnapshot = Of<'router', 'Snapshot'>
export type DeskSettings = Of<'router', 'DeskSettings'>
export type InboxOrder = DeskSettings['order']
export type ServerDraft = Pick<Of<'router', 'Draft'>, 'text' | 'kind' | 'cc' | 'version'>
export type DraftKind = ServerDraft['kind']
export type Decision = Of<'router', 'DecisionRecord'>
export type DecisionReason = Of<'router', 'Verdict'>
export type Template = Of<'router', 'Template'>
export type Rendering = Of<'router', 'Rendering'>
export type Disposition = Of<'router', 'Disposition'>
export type SupervisionSnapshot = Of<'router', 'SupervisionSnapshot'>
export type SupervisedQueue = Of<'router', 'QueueState'>
export type SupervisedAgent = Of<'router', 'AgentState'>
export type WaitingInteraction = Of<'router', 'WaitingWork'>
export type IgnoredMail = Of<'router', 'IgnoredMail'>
export type UnfinishedInteraction = Of<'router', 'UnfinishedWork'>
export type QuarantinedMessage = Of<'router', 'QuarantinedMail'>

export type ScreenPop = Of<'profile', 'ScreenPop'>
export type TimelineEntry = Of<'profile', 'TimelineEntry'>
export type PurchaseBrief = Of<'profile', 'PoppedPurchase'>
export type ProductBrief = Of<'profile', 'PoppedProduct'>

export type Department = Of<'directory', 'Department'>
export type BusinessTime = Of<'directory', 'BusinessTime'>

export type Complaint = Of<'feedback', 'Complaint'>
export type ComplaintSummary = Of<'feedback', 'ComplaintSummary'>
export type ComplaintInput = Of<'feedback', 'ComplaintInput'>
export type ComplaintKind = Of<'feedback', 'Kind'>
export type ComplaintEntry = Of<'feedback', 'HistoryEntry'>
export type HandoverOffer = Of<'feedback', 'OfferSummary'>
export type DueDate = Of<'feedback', 'DueDate'>
export type Redress = Of<'feedback', 'Redress'>
export type SurveyScript = Of<'feedback', 'Script'>
export type ScriptQuestion = Of<'feedback', 'ScriptQuestion'>
export type PhoneScript = Of<'feedback', 'PhoneScript'>
export type PublicInvitation = Of<'feedback', 'PublicInvitation'>
export type SurveyMetrics = Of<'feedback', 'Metrics'>
export type MetricsGroup = Of<'feedback', 'Group'>
export type Figure = Of<'feedback', 'Figure'>
export type SurveySummary = Of<'feedback', 'SurveySummary'>
export type Sample = Of<'feedback', 'Sample'>
export type SampleWithReplay = Of<'feedback', 'SampleWithReplay'>

export type WallBoard = Of<'router', 'WallBoard'>
export type WallBoardQueue = Of<'router', 'WallBoardQueue'>
export type ServiceLevel = Of<'router', 'ServiceLevel'>
export type AgentCounts = Of<'router', 'AgentCounts'>
export type CareToday = Of<'care', 'Today'>
export type ComplaintBoard = Of<'feedback', 'Board'>
export type CareCell = Of<'care', 'CellOutput'>
export type CellInput = Of<'care', 'CellInput'>
export type CareMeans = CareCell['means']
export type Occasion = Of<'care', 'OccasionView'>
export type OccasionInput = Of<'care', 'OccasionInput'>
export type CapRule = Of<'care', 'CapRule'>
export type CareItem = Of<'care', 'CareItem'>
export type CareItemWithWhy = Of<'care', 'CareItemWithWhy'>
export type GateVerdict = Of<'care', 'GateVerdict'>
export type CareTemplate = Of<'care', 'Template'>
export type CareTexts = Of<'care', 'TextsInput'>
export type CareTemplateList = Of<'care', 'TemplateList'>
export type CarePreview = Of<'care', 'Preview'>
export type CardList = Of<'router', 'CardList'>
export type BusinessCalendar = Of<'directory', 'BusinessCalendar'>
export type Leaving = Of<'directory', 'Leaving'>
