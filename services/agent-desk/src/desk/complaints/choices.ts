/** Codes that the service knows, in the order in which they are offered; their words are in the catalogue. */
export const KINDS = ['product', 'service', 'delivery', 'billing', 'staff', 'other'] as const
export const CAUSES = [
  'product_defect', 'damaged_in_transit', 'supplier', 'technical_failure', 'need_misunderstood', 'information_missing',
  'communication', 'staffing', 'instruction_not_followed', 'procedure_missing', 'unfounded', 'other',
] as const
export const DECISIONS = ['upheld', 'partly', 'rejected'] as const
export const REDRESSES = ['apology', 'replacement', 'repair', 'refund', 'discount', 'voucher', 'other'] as const
export const WORDS = ['accepted', 'not_accepted', 'no_answer_after_attempts'] as const
export const WAYS = ['phone', 'mail', 'letter', 'in_person'] as const
export const CURRENCIES = ['CNY', 'EUR', 'USD', 'HKD', 'JPY'] as const

/** What was typed as an amount in the smallest unit of its currency; null if it is no amount. */
export function minorUnits(typed: string, currency: string): number | null {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  const found = /^(\d{1,10})(?:[.,](\d+))?$/.exec(typed.trim())
  const [, whole = '', part = ''] = found ?? []
  if (!found || part.length > digits) return null
  const minor = Number(whole + part.padEnd(digits, '0'))
  return minor > 0 ? minor : null
}
