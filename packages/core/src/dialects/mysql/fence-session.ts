import { setTimeout as pause } from 'node:timers/promises'
import type { SqlExecutor, Statements } from '../../domain/executor.ts'
import type { FenceStep } from '../../domain/fence.ts'
import { errorNumberOf, explain } from './errors.ts'

/** A connection of its own for the DDL of a fence. */
export interface FenceSession extends Statements {
  /** Runs DDL that gives up when it has waited for others for as long as the bound says; it has done nothing then. */
  alter(sql: string): Promise<void>
}

/**
 * Others are in the way: lock wait timeout, deadlock, interrupted; or another process did the same in this moment:
 * a trigger or function that is there or gone, a column that is gone.
 */
const BUSY: ReadonlySet<number | undefined> = new Set([1205, 1213, 1304, 1317, 1359, 1054])
/** No such database, no such table. */
const GONE: ReadonlySet<number | undefined> = new Set([1049, 1146])

/** Far longer than any attempt waits for locks: only a connection that is dead is given up by it. */
const LONGEST_STATEMENT_MS = 15_000

/** Runs one attempt; `busy` when it met others. */
export async function attempt(
  executor: SqlExecutor,
  lockWaitMs: number,
  work: (session: FenceSession) => Promise<void>,
): Promise<FenceStep> {
  try {
    await withFenceSession(executor, lockWaitMs, work)
    return 'done'
  } catch (error) {
    if (BUSY.has(errorNumberOf(error))) return 'busy'
    throw explain(error)
  }
}

/** Runs the work on one table; a table that is gone needs none. */
export async function unlessGone(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!GONE.has(errorNumberOf(error))) throw error
  }
}

/** Opens a connection for DDL; every statement of it commits by itself. */
export async function withFenceSession<T>(
  executor: SqlExecutor,
  lockWaitMs: number,
  work: (session: FenceSession) => Promise<T>,
): Promise<T> {
  return executor.transaction(
    async (one) => {
      // The server counts whole seconds: this is what bounds the wait where the session can't be found to be interrupted.
      const seconds = Math.max(1, Math.ceil(lockWaitMs / 1000))
      await one.execute(
        `SET SESSION lock_wait_timeout = ${seconds} /*M! , max_statement_time = ${LONGEST_STATEMENT_MS / 1000} */`,
      )
      const [row] = (await one.execute('SELECT CONNECTION_ID() AS id')).rows
      const id = Number(row?.['id'])
      return work({
        execute: (sql, parameters) => one.execute(sql, parameters),
        async alter(sql) {
          const running = one.execute(sql)
          const ended = running.then(
            () => true,
            () => true,
          )
          await interruptWaits(executor, id, sql, lockWaitMs, ended)
          await running
        },
      })
    },
    { statementTimeoutMs: LONGEST_STATEMENT_MS },
  )
}

const AGAIN_MS = 50

/** Interrupts a statement for as long as it waits for locks and not for the disk, from when it has had its time. */
async function interruptWaits(
  executor: SqlExecutor,
  id: number,
  sql: string,
  lockWaitMs: number,
  ended: Promise<boolean>,
): Promise<void> {
  const endsIn = (ms: number): Promise<boolean> => Promise.race([ended, pause(ms, false, { ref: false })])
  let isOver = await endsIn(lockWaitMs)
  while (!isOver) {
    // A proxy may number sessions its own way: only one that runs this very statement is ours.
    const [waiting] = (await executor.execute(selectWaiting, [id, sql])).rows
    if (waiting !== undefined) await executor.execute(`KILL QUERY ${id}`).catch(ignoreGone)
    isOver = await endsIn(AGAIN_MS)
  }
}

/** ? session, statement. */
const selectWaiting = `SELECT ID AS id FROM information_schema.PROCESSLIST
  WHERE ID = ? AND STATE LIKE 'Waiting for %lock%' AND LEFT(INFO, 64) = LEFT(?, 64)`

const NO_SUCH_THREAD = 1094

function ignoreGone(error: unknown): void {
  if (errorNumberOf(error) !== NO_SUCH_THREAD) throw error
}
