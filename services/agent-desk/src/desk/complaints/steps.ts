import type { Complaint } from '@core/api/types'

export type StepName = 'acknowledgement' | 'cause' | 'decision' | 'reply' | 'word' | 'closure'

export interface Step {
  name: StepName
  done: boolean
  /** Whether it can be done, or done anew, as things stand. */
  possible: boolean
}

/** What must be there before the complaint can be closed, in the words of the service's own refusal. */
export type Missing = 'cause_code' | 'decision' | 'reply_text' | 'customer_word'

export function missing(complaint: Complaint): Missing[] {
  const needed: Missing[] = ['cause_code', 'decision', 'reply_text', 'customer_word']
  return needed.filter((name) => complaint[name] === null)
}

/** The way of a complaint from its recording to its end. The service decides; this only shows what it will take. */
export function stepsOf(complaint: Complaint): Step[] {
  const owing = complaint.state === 'open' || complaint.state === 'reopened'
  const answered = complaint.state === 'answered'
  const ready = complaint.cause_code !== null && complaint.decision !== null
  return [
    { name: 'acknowledgement', done: complaint.acknowledged_at !== null, possible: owing && complaint.acknowledged_at === null },
    { name: 'cause', done: complaint.cause_code !== null, possible: owing || answered },
    { name: 'decision', done: complaint.decision !== null, possible: owing },
    { name: 'reply', done: complaint.reply_text !== null, possible: owing && ready },
    { name: 'word', done: complaint.customer_word !== null, possible: answered },
    { name: 'closure', done: complaint.state === 'closed', possible: answered && missing(complaint).length === 0 },
  ]
}

/** Where to go on: the first step that is neither done nor still barred. */
export function nextStep(steps: readonly Step[]): StepName | null {
  return steps.find(({ done, possible }) => !done && possible)?.name ?? null
}
