const FIRST_MS = 400
const LONGEST_MS = 15_000

/**
 * Waiting time before the next attempt: doubled each time, with "full jitter" from the half upward, so that the desks
 * of a whole floor do not come back in the same instant.
 */
export function backOffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10))
  return Math.round(ceiling / 2 + (random() * ceiling) / 2)
}
