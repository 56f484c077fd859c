import { z } from 'zod'
import type { Statements } from '../../domain/executor.ts'
import type { FenceStep } from '../../domain/fence.ts'
import { readRow } from '../row.ts'
import { errorNumberOf } from './errors.ts'
import type { FenceSession, FenceSessions } from './fence-session.ts'
import type { ServerLanguage } from './server.ts'
import type { StandingNames } from './standing-names.ts'

/** One fence that is raised. */
export interface StandingEntry {
  readonly mark: string
  readonly freeze: string
  /** Lower-case hexadecimal; `null`: nobody passes. */
  readonly digest: string | null
  /** The name of the lock that lets everybody pass when the freeze has ended. */
  readonly release: string
  /** The refusal, as short as the server wants it. */
  readonly message: string
}

/** What the namespace's row says. */
export interface StandingState {
  readonly installed: boolean
  readonly entries: readonly StandingEntry[]
}

const entries = z.array(
  z.object({
    mark: z.string(),
    freeze: z.string(),
    digest: z.string().nullable(),
    release: z.string(),
    message: z.string(),
  }),
)

const NO_SUCH_TABLE = 1146
/** An account that has no right to a table is told so of one that is not there, too. */
const DENIED: ReadonlySet<number | undefined> = new Set([1142, 1044])

/**
 * The namespace's row; `undefined` when it is not there or damaged, `absent` when its table is not, `denied` when the
 * account may not know.
 */
export async function readState(
  one: Pick<Statements, 'execute'>,
  names: StandingNames,
): Promise<StandingState | undefined | 'absent' | 'denied'> {
  try {
    return stateIn((await one.execute(selectRow(names))).rows)
  } catch (error) {
    const number = errorNumberOf(error)
    if (number === NO_SUCH_TABLE) return 'absent'
    if (DENIED.has(number)) return 'denied'
    throw error
  }
}

/**
 * One bounded attempt to change the row while nobody else has it: when it is given, every transaction that has asked it
 * has ended, and whoever asks next sees the change. `change` gives the entries back that shall be there, or `undefined`.
 */
export function changeRow(
  sessions: FenceSessions,
  language: ServerLanguage,
  names: StandingNames,
  lockWaitMs: number,
  change: (state: StandingState | undefined, one: FenceSession) => Promise<StandingState | undefined>,
): Promise<FenceStep> {
  return sessions.attempt(lockWaitMs, async (one) => {
    await one.execute('START TRANSACTION')
    const locked = language.bounded(`${selectRow(names)} FOR UPDATE`, Math.max(1, lockWaitMs))
    const next = await change(stateIn((await one.execute(locked)).rows), one)
    if (next === undefined) return
    await one.execute(updateRow(names), [next.installed ? 1 : 0, JSON.stringify(next.entries)])
  })
}

/** ? installed, raised. */
export function updateRow({ table, row }: StandingNames): string {
  return `UPDATE ${table} SET installed = ?, raised = ? WHERE id = ${row}`
}

function stateIn(rows: readonly Parameters<typeof readRow>[0][]): StandingState | undefined {
  const [row] = rows
  if (row === undefined) return undefined
  const r = readRow(row)
  const raised = readEntries(r.text('raised'))
  return raised && { installed: r.boolean('installed'), entries: raised }
}

/** `undefined` when they are damaged, which refuses every write as a row that is missing does. */
function readEntries(text: string): readonly StandingEntry[] | undefined {
  try {
    return entries.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

function selectRow({ table, row }: StandingNames): string {
  return `SELECT installed, raised FROM ${table} WHERE id = ${row}`
}

/**
 * The table of the states: one row a namespace, which every write locks. What writes read of it is computed from what is
 * raised, so that the two cannot differ.
 */
export function createTable({ table }: StandingNames, { exactCollation }: ServerLanguage): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
  id BIGINT NOT NULL PRIMARY KEY,
  namespace VARCHAR(200) COLLATE ${exactCollation} NOT NULL,
  installed TINYINT NOT NULL,
  raised LONGTEXT NOT NULL,
  frozen TINYINT GENERATED ALWAYS AS (raised <> '[]') STORED
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`
}
