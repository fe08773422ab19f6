/** The lists of complaints in the order of their tabs, as the service names them. */
export const VIEWS = ['mine', 'department', 'offered', 'given', 'overdue', 'escalated', 'all'] as const

export type View = typeof VIEWS[number]

export function viewOf(text: unknown): View {
  return VIEWS.find((view) => view === text) ?? 'mine'
}
