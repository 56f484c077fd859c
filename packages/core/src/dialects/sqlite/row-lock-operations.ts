import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { QuiesceError } from '../../domain/errors.ts'
import type { RowLockWait } from '../../domain/lock-record.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import { readRow } from '../row.ts'
import { rowLockLost } from '../row-lock-lost.ts'
import { explain } from './errors.ts'
import { livenessOf, ownMark } from './process-mark.ts'
import { deleteRowLock, insertRowLock, renewRowLock, selectRowLock } from './row-lock-statements.ts'
import { change, type StoreContext } from './store-context.ts'

const LEASE_MS = 15_000
const RENEWALS_PER_LEASE = 3
const LOOK_MS = 20

/**
 * Transaction locks. A transaction that stays open for as long as the caller's work would keep every other one out of the
 * file, so here they are rows with a lease that is renewed while the work runs. They hold between processes, too; that of
 * a process which is gone is taken over at once.
 */
export function rowLockOperations(context: StoreContext): Pick<CoordinationStore, 'holdRow'> {
  return {
    async holdRow({ name, wait, table }, fn) {
      if (table !== undefined) throw foreignTableRefused(table.table)
      const nonce = randomUUID()
      if (!(await isTakenWithin(context, name, nonce, wait))) return undefined
      const lost = new AbortController()
      const stopRenewing = keepRenewing(context, name, nonce, () => lost.abort())
      const end = (): Promise<boolean> => {
        stopRenewing()
        // Should it fail, the lease ends by itself.
        return release(context, name, nonce).catch(() => !lost.signal.aborted)
      }
      const value = await fn(lost.signal).catch(async (error: unknown) => {
        await end()
        throw error
      })
      if (!(await end())) throw rowLockLost(name, 'its row was taken over or could not be renewed')
      return { value }
    },
  }
}

/** False when it was somebody else's already. */
async function release(context: StoreContext, name: string, nonce: string): Promise<boolean> {
  const { tables: t, namespace } = context
  return (await change(context, (db) => db.run(deleteRowLock(t), { namespace, name, nonce }))) === 1
}

async function isTakenWithin(context: StoreContext, name: string, nonce: string, wait: RowLockWait): Promise<boolean> {
  const until = performance.now() + (typeof wait === 'number' ? wait : 0)
  for (;;) {
    const taken = isTaken(context, name, nonce).catch((error: unknown) => {
      throw explain(error, context.executor.file)
    })
    if (await taken) return true
    const leftMs = until - performance.now()
    if (leftMs <= 0) return false
    await sleep(Math.min(LOOK_MS, leftMs))
  }
}

function isTaken(context: StoreContext, name: string, nonce: string): Promise<boolean> {
  const { tables: t, namespace } = context
  const own = ownMark()
  return change(context, (db) => {
    const [row] = db.all(selectRowLock(t), { namespace, name })
    if (row !== undefined) {
      const r = readRow(row)
      const holder = {
        host: r.text('host'),
        pid: r.number('pid'),
        pidSpace: r.text('pid_space'),
        startedAtMs: r.number('process_started_at'),
      }
      if (r.number('lease_remaining_ms') > 0 && livenessOf(holder, own) !== 'gone') return false
    }
    db.run(insertRowLock(t), { namespace, name, nonce, ...own, leaseMs: LEASE_MS })
    return true
  })
}

/** A renewal that finds the row gone, or that fails, may mean that somebody else has it by now. */
function keepRenewing(context: StoreContext, name: string, nonce: string, onLost: () => void): () => void {
  const { tables: t, namespace } = context
  const timer = setInterval(() => {
    change(context, (db) => db.run(renewRowLock(t), { namespace, name, nonce, leaseMs: LEASE_MS })).then(
      (renewed) => renewed === 1 || onLost(),
      onLost,
    )
  }, LEASE_MS / RENEWALS_PER_LEASE)
  timer.unref()
  return () => clearInterval(timer)
}

function foreignTableRefused(table: string): QuiesceError {
  return new QuiesceError(
    'QUIESCE_CONFIG',
    `SQLite has no row locks, so the lock cannot be shared with another program through ${table}. Leave the table out; the lock then holds between processes that use Quiesce.`,
    { table },
  )
}
