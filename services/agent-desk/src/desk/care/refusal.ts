import { ApiProblem } from '@core/api/problem'

interface Fault {
  field: string
  hint: string
}

/** What the service said of each field, under the last part of the field's name: `languages.en.subject` is `subject`. */
export function faultsOf(error: unknown): Record<string, string> {
  if (!(error instanceof ApiProblem) || !Array.isArray(error.fields.errors)) return {}
  const faults = error.fields.errors as Fault[]
  return Object.fromEntries(faults.map(({ field, hint }) => [field.split('.').at(-1) ?? field, hint]))
}

export function changedMeanwhile(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 412
}

/** The version of something as the service wants it in If-Match. */
export function etag(version: number): string {
  return `"${String(version)}"`
}
