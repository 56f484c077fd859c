import type { SqlExecutor, Statements } from '../../domain/executor.ts'
import type { FenceStep } from '../../domain/fence.ts'
import { readRow } from '../row.ts'
import { errorNumberOf } from './errors.ts'
import { createInterrupter, type Interrupter } from './fence-interrupter.ts'

/** A connection of its own for the DDL of a fence. */
export interface FenceSession extends Statements {
  /** Runs DDL that gives up when it has waited for others for as long as the bound says; it has done nothing then. */
  alter(sql: string): Promise<void>
}

/**
 * Others are in the way: lock wait timeout, deadlock, interrupted (by us or after a time); or another process did the same in this moment:
 * a trigger or function that is there or gone, a column that is gone.
 */
const BUSY: ReadonlySet<number | undefined> = new Set([1205, 1213, 1304, 1317, 1359, 1054, 1969, 3024])
/** No such database, no such table. */
const GONE: ReadonlySet<number | undefined> = new Set([1049, 1146])

/** Far longer than any attempt waits for locks: only a connection that is dead is given up by it. */
const LONGEST_STATEMENT_MS = 15_000

/** Opens connections for the DDL of fences. */
export interface FenceSessions {
  /** Runs one attempt; `busy` when it met others, or resolves to that. */
  attempt(lockWaitMs: number, work: (session: FenceSession) => Promise<unknown>): Promise<FenceStep>
  /** Runs the work on a connection of its own, every statement of which commits by itself. */
  run<T>(lockWaitMs: number, work: (session: FenceSession) => Promise<T>): Promise<T>
}

/** Makes the sessions of one process. */
export function createFenceSessions(executor: SqlExecutor): FenceSessions {
  const interrupter = createInterrupter(executor)
  const run: FenceSessions['run'] = (lockWaitMs, work) =>
    executor.transaction((one) => inSession(interrupter, one, lockWaitMs, work), {
      statementTimeoutMs: LONGEST_STATEMENT_MS,
    })
  return {
    run,
    async attempt(lockWaitMs, work) {
      try {
        return (await run(lockWaitMs, work)) === 'busy' ? 'busy' : 'done'
      } catch (error) {
        if (BUSY.has(errorNumberOf(error))) return 'busy'
        throw error
      }
    },
  }
}

async function inSession<T>(
  interrupter: Interrupter,
  one: Statements,
  lockWaitMs: number,
  work: (session: FenceSession) => Promise<T>,
): Promise<T> {
  // The server counts whole seconds: this is what bounds the wait where the session can't be found to be interrupted.
  const seconds = Math.max(1, Math.ceil(lockWaitMs / 1000))
  const longest = `/*M! , max_statement_time = ${LONGEST_STATEMENT_MS / 1000} */`
  await one.execute(`SET SESSION lock_wait_timeout = ${seconds} ${longest}`)
  const [row = {}] = (await one.execute('SELECT CONNECTION_ID() AS id')).rows
  const id = readRow(row).number('id')
  return work({
    execute: (sql, parameters) => one.execute(sql, parameters),
    async alter(sql) {
      await interrupter.bound(id, sql, lockWaitMs, one.execute(sql))
    },
  })
}

/** A session that asks the server, and writes down what it would alter instead of sending it. */
export function writingDown(one: FenceSession, statements: string[]): FenceSession {
  return { execute: one.execute, alter: async (sql) => void statements.push(sql) }
}

/** Runs the work on one table; a table that is gone needs none. */
export async function unlessGone(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!GONE.has(errorNumberOf(error))) throw error
  }
}
