/** How a call ended, as the router closes it, and AAPOR's group of final dispositions that it is for a survey. */
export interface CallOutcome {
  disposition: 'reached' | 'no_answer' | 'refused' | 'call_back' | 'wrong_number'
  aapor: 'I' | 'P' | 'R' | 'NC' | 'O' | 'UO'
}

/**
 * After AAPOR's Standard Definitions: whoever is known to be the right person but was not spoken with is a
 * non-contact, also when she asks to be called later; behind a wrong number nobody knows whom one has.
 */
export const WITHOUT_INTERVIEW: readonly CallOutcome[] = [
  { disposition: 'no_answer', aapor: 'NC' },
  { disposition: 'call_back', aapor: 'NC' },
  { disposition: 'refused', aapor: 'R' },
  { disposition: 'wrong_number', aapor: 'UO' },
]

export const CARE_OUTCOMES: readonly CallOutcome['disposition'][] = ['reached', 'no_answer', 'call_back', 'refused', 'wrong_number']
