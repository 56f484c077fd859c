/** Refused writes of the last minutes. */
export interface Refusals {
  /** How long one count is. */
  readonly stepMs: number
  /** How many counts there are for each table, the oldest first. */
  readonly steps: number
  /** The tables by their number of refusals, the most first. */
  readonly tables: ReadonlyArray<{ readonly table: string; readonly total: number; readonly counts: readonly number[] }>
  readonly total: number
}

/** Counts refused writes by table and time, in bounded memory. */
export interface RefusalLog {
  add(table: string, nowMs: number): void
  read(nowMs: number): Refusals
}

const STEP_MS = 10_000
const STEPS = 60
const MOST_TABLES = 100
const REST = 'other tables'

/** Makes an empty log of ten minutes. */
export function createRefusalLog(): RefusalLog {
  /** For each table its counts by the number of their step. */
  const tables = new Map<string, Map<number, number>>()
  const forget = (now: number): void => {
    for (const [table, counts] of tables) {
      for (const step of counts.keys()) if (step <= now - STEPS) counts.delete(step)
      if (counts.size === 0) tables.delete(table)
    }
  }
  return {
    add(table, nowMs) {
      const step = Math.floor(nowMs / STEP_MS)
      if (!tables.has(table) && tables.size >= MOST_TABLES) forget(step)
      const name = tables.has(table) || tables.size < MOST_TABLES ? table : REST
      const counts = tables.get(name) ?? new Map<number, number>()
      tables.set(name, counts)
      counts.set(step, (counts.get(step) ?? 0) + 1)
      if (counts.size > STEPS) forget(step)
    },
    read(nowMs) {
      const now = Math.floor(nowMs / STEP_MS)
      forget(now)
      const all = [...tables].map(([table, byStep]) => {
        const counts = Array.from({ length: STEPS }, (_, index) => byStep.get(now - STEPS + 1 + index) ?? 0)
        return { table, counts, total: counts.reduce((sum, count) => sum + count, 0) }
      })
      all.sort((a, b) => b.total - a.total || a.table.localeCompare(b.table))
      return { stepMs: STEP_MS, steps: STEPS, tables: all, total: all.reduce((sum, { total }) => sum + total, 0) }
    },
  }
}
