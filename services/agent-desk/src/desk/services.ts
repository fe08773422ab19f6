import { ApiClient, SessionTokens } from '@core/api/client'
import { ServerClock } from '@core/clock'

const listeners = new Set<() => void>()

/** Called when the server says that the person must sign in again. */
export function onSessionOver(listener: () => void): void {
  listeners.add(listener)
}

export const clock = new ServerClock()
export const tokens = new SessionTokens(clock, () => {
  listeners.forEach((listener) => {
    listener()
  })
})
export const api = new ApiClient(tokens, clock)

export const PROFILE = '/api/profile/v1'
export const ROUTER = '/api/router/v1'
export const FEEDBACK = '/api/feedback/v1'
export const CARE = '/api/care/v1'
export const DIRECTORY = '/api/directory/v1'
