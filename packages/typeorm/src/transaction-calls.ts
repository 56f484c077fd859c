import { type Gate, type Session, settle } from '@quiesce/core/adapter'
import type { QueryRunnerLike } from './data-source-like.ts'
import type { Patches } from './patches.ts'

/** The drivers that begin and end transactions by calls of their client, so that no statement tells of it. */
const CALLING_DRIVERS: ReadonlySet<string> = new Set(['mssql', 'aurora-mysql', 'aurora-postgres', 'spanner'])

/**
 * Tells the session of transactions whose BEGIN and COMMIT never pass `query()`.
 *
 * A commit that comes too late is refused before the call, and TypeORM then rolls back, which always passes.
 */
export function guardTransactionCalls(
  gate: Gate,
  patches: Patches,
  runner: QueryRunnerLike,
  session: Session,
  driverType: string,
): void {
  if (!CALLING_DRIVERS.has(driverType)) return
  // Counted here and not read from the runner: TypeORM's own depth changes at another moment in each driver.
  let depth = 0

  patches.replaceTransient(runner, 'startTransaction', (start) => async (args) => {
    if (depth === 0) session.begin()
    depth += 1
    try {
      await start(args)
    } catch (error) {
      depth -= 1
      if (depth === 0) session.rolledBack()
      throw error
    }
  })
  patches.replaceTransient(runner, 'commitTransaction', (commit) => async (args) => {
    if (depth !== 1) await commit(args)
    else await settle(gate, session.admitCommit(), async () => commit(args))
    depth -= 1
  })
  patches.replaceTransient(runner, 'rollbackTransaction', (rollback) => async (args) => {
    await rollback(args)
    depth -= 1
    if (depth === 0) session.rolledBack()
  })
}
