export interface HeldOrder<Id extends string> {
  /** What to show, in this order. */
  ids: Id[]
  /** How many rows will move, come or go when the wanted order is applied. */
  moved: number
}

/**
 * While somebody points at the list or has the focus in it no row moves: those known stay where they are, even when
 * they left (their row is shown as gone), and new ones come last.
 */
export function holdOrder<Id extends string>(shown: readonly Id[], wanted: readonly Id[], held: boolean): HeldOrder<Id> {
  if (!held) return { ids: [...wanted], moved: 0 }
  const known = new Set(shown)
  const ids = [...shown, ...wanted.filter((id) => !known.has(id))]
  const place = new Map(wanted.map((id, index) => [id, index]))
  const staying = shown.flatMap((id) => place.get(id) ?? [])
  const gone = shown.length - staying.length
  const came = wanted.length - staying.length
  return { ids, moved: gone + came + staying.length - longestRise(staying) }
}

/** Length of the longest rising run with gaps: those rows keep their order, only the others move. */
function longestRise(places: readonly number[]): number {
  const tails: number[] = []
  for (const place of places) {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((tails[middle] ?? 0) < place) low = middle + 1
      else high = middle
    }
    tails[low] = place
  }
  return tails.length
}
