/** A refusal in the form of RFC 9457, as every service answers it. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'

  constructor(
    readonly status: number,
    readonly type: string,
    readonly title: string,
    readonly detail: string,
    readonly fields: Readonly<Record<string, unknown>>,
  ) {
    super(`${String(status)} ${title}`)
  }

  /** The last part of the type's address, which is stable: `offer-gone`. */
  get code(): string {
    return this.type.split(/[/:#]/).pop() ?? this.type
  }

  static async from(response: Response): Promise<ApiProblem> {
    const body = await response.json().catch(() => null) as Record<string, unknown> | null
    const text = (key: string): string => (typeof body?.[key] === 'string' ? body[key] : '')
    return new ApiProblem(response.status, text('type'), text('title') || response.statusText, text('detail'), body ?? {})
  }
}

/** No answer came: the line or the service is away. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

/** The person's session is over; only signing in again helps. */
export class SessionOver extends Error {
  override readonly name = 'SessionOver'
}
