const TONES: Record<string, string> = {
  sent: 'ok', done: 'ok', due: 'accent', planned: 'accent', held: 'warn', suppressed: 'warn', expired: 'warn', cancelled: 'warn', unknown: 'danger', failed: 'danger',
}

/** The colour of a state; its word always stands beside it. */
export function toneOf(state: string): string {
  return TONES[state] ?? ''
}
