import { isQuiesceError, QuiesceError } from '../../domain/errors.ts'
import type { SqlExecutor } from '../../domain/executor.ts'
import type { TokenStatements } from '../../domain/fence.ts'
import type { RunStore } from '../../domain/run.ts'
import type { HeldFreeze } from '../held-freeze.ts'
import { inClientTransaction, type RowsOf } from './bypass-target.ts'
import type { Journal } from './journal.ts'
import type { Pass, Passes } from './passes.ts'
import type { RunHolder } from './run.ts'
import type { TableContents } from './table-content.ts'

/** What the holders of one run are made of. */
export interface HolderContext {
  readonly name: string
  readonly runs: RunStore
  readonly executor: SqlExecutor
  readonly passes: Passes
  readonly contents: TableContents
  /** How long a run survives its holder. */
  readonly leaseMs: number
  /** How a transaction shows the run's token to the fence; `undefined` where there are no fences. */
  readonly present: (token: string) => TokenStatements | undefined
}

/** How long a transaction of the holder's may wait for its next statement, in leases. */
const IDLE_LEASES = 4

/** A holder for one step. */
export interface StepHolder {
  readonly holder: RunHolder
  /** The step is over or was given up: whatever it still sends is refused. */
  revoke(): void
}

/** Makes the holder that one step gets. */
export function createHolder(
  context: HolderContext,
  journal: Journal,
  freeze: HeldFreeze | undefined,
  signal: AbortSignal,
): StepHolder {
  const { name, runs, executor, passes, contents } = context
  let revoked = false
  const held = (): boolean => !revoked && !journal.signal.aborted && (freeze === undefined || freeze.state === 'held')
  const freezeIds = new Set(freeze === undefined ? [] : [freeze.id])
  /** What `work` leaves behind, timers and promises that nobody awaits, is not the run's any more when it has ended. */
  const passing = async <T>(work: () => Promise<T>): Promise<T> => {
    let over = false
    const pass: Pass = { freezeIds, isValid: () => !over && held() }
    try {
      return await passes.within(pass, work)
    } finally {
      over = true
    }
  }
  const proveRun = async (rowsOf: RowsOf, freezeNonce: string | undefined): Promise<void> => {
    if (!held()) throw notHeld(name)
    const statements = runs.proof(journal.id, journal.nonce, freezeNonce, IDLE_LEASES * context.leaseMs)
    if (statements === undefined) return assertHeld()
    for (const { sql, parameters } of statements) {
      if ((await rowsOf(sql, parameters)).length !== 1) throw notHeld(name)
    }
  }
  const assertHeld = async (): Promise<void> => {
    if (!held()) throw notHeld(name)
    const record = await runs.find(journal.id)
    if (record?.nonce !== journal.nonce || record.endedAt !== undefined) throw notHeld(name)
    await freeze?.assertHeld()
  }
  const prove = (rowsOf: RowsOf): Promise<void> => proveRun(rowsOf, freeze?.nonce)
  /** Asked beside the transaction, which may see the freeze as it was when it began: REPEATABLE READ is usual on MySQL. */
  const proveLate = async (rowsOf: RowsOf): Promise<void> => {
    await proveRun(rowsOf, undefined)
    await freeze?.assertHeld().catch((error: unknown) => {
      throw isQuiesceError(error) && error.kind === 'QUIESCE_FREEZE_ENDED' ? notHeld(name) : error
    })
  }
  const proved = async <T>(rowsOf: RowsOf, work: () => Promise<T>, late = prove): Promise<T> => {
    const token = freeze?.token === undefined ? undefined : context.present(freeze.token)
    if (token !== undefined) await rowsOf(token.show.sql, token.show.parameters)
    try {
      await prove(rowsOf)
      const value = await work()
      // Once more: the work may have taken longer than the lease.
      await late(rowsOf)
      return value
    } finally {
      // Where the server would not forget it, the connection's next user must not have it; a broken connection has none.
      if (token?.hide !== undefined) await rowsOf(token.hide.sql, []).catch(() => {})
    }
  }
  const holder: RunHolder = {
    runId: journal.id,
    name,
    freeze,
    signal,
    progress: (fraction) => journal.progress(fraction),
    assertHeld,
    execute: (sql, parameters = []) =>
      executor.transaction((one) => {
        const rowsOf: RowsOf = async (text, values) => (await one.execute(text, values)).rows
        return proved(rowsOf, () => one.execute(sql, parameters))
      }),
    bypass: (client, fn, options = {}) =>
      passing(() =>
        inClientTransaction(client, options, (transaction, rowsOf) =>
          // What `fn` takes follows from the client, see BypassTransaction.
          proved(rowsOf, async () => fn(transaction as never), proveLate),
        ),
      ),
    fingerprint: (tables) => contents.fingerprint(tables),
    compare: (options) => contents.compare(options),
  }
  return {
    holder,
    revoke() {
      revoked = true
    },
  }
}

function notHeld(name: string): QuiesceError {
  return new QuiesceError(
    'QUIESCE_LEASE_LOST',
    `The run ${JSON.stringify(name)} is not this process's any more, or the step is over: nothing was written. Stop the work; another node may be at it.`,
    { name },
  )
}
