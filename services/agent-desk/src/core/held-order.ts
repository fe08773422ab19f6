export interface HeldOrder<Id extends string> {
  /** What to show, in this order. */
  ids: Id[]
  /** How many rows stand elsewhere than they should, came, or went, since the order was held. */
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
  const gone = shown.filter((id) => !wanted.includes(id)).length
  const moved = wanted.filter((id, index) => ids[index] !== id).length
  return { ids, moved: Math.max(gone, moved) }
}
