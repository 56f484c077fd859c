/** How a write attempt ended, as its writer saw it. `unknown`: it failed in a way that does not say what the server did. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown'

/** One attempt to write one or several rows at once, which are there together or not at all. */
export interface Attempt {
  readonly writer: string
  readonly ids: readonly string[]
  /** Milliseconds of the machine's monotonic clock, the same for every process. */
  readonly startedAt: number
  /** `undefined` when its process ended before. */
  readonly endedAt: number | undefined
  readonly outcome: Outcome
}

/** One line of a process's log: an attempt begins, or has ended. */
export type HistoryLine =
  | { readonly begin: number; readonly ids: readonly string[]; readonly at: number }
  | { readonly end: number; readonly outcome: Outcome; readonly at: number }

/** Reads the log of one process; what a SIGKILL cut off was never said. */
export function readHistory(writer: string, text: string): readonly Attempt[] {
  const attempts = new Map<number, Attempt>()
  for (const line of text.split('\n').slice(0, -1)) {
    const said = JSON.parse(line) as HistoryLine
    if ('begin' in said) {
      const { begin, ids, at: startedAt } = said
      attempts.set(begin, { writer, ids, startedAt, endedAt: undefined, outcome: 'unknown' })
    } else {
      const begun = attempts.get(said.end)
      if (begun !== undefined) attempts.set(said.end, { ...begun, endedAt: said.at, outcome: said.outcome })
    }
  }
  return [...attempts.values()]
}
