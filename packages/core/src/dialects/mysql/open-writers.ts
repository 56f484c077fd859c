import type { CoordinationStore, OpenWriter } from '../../domain/store.ts'
import { createInnodbWriters } from './innodb-writers.ts'
import { metadataLockWriters } from './metadata-lock-writers.ts'
import { openTransactions } from './open-transactions.ts'
import { killConnection } from './session.ts'
import { type StoreContext, unlessDenied } from './store-context.ts'

/**
 * Finds open writers by metadata locks where the server keeps them visible (MySQL; MariaDB with its performance schema
 * and that instrument on), by InnoDB's transactions on another MariaDB, and not at all where the user may see neither.
 */
export function writerOperations(context: StoreContext): Pick<CoordinationStore, 'openWriters' | 'terminate'> {
  const innodbWriters = createInnodbWriters(context)
  const openWriters = async (): Promise<readonly OpenWriter[] | undefined> => {
    const byLocks = await unlessDenied(() => metadataLockWriters(context))
    if (byLocks !== undefined) return byLocks
    const { language } = await context.server()
    return language.product === 'mariadb' ? unlessDenied(innodbWriters) : undefined
  }
  return {
    openWriters,
    async terminate(writers) {
      const alive = new Set([...((await openWriters()) ?? []), ...((await openTransactions(context)) ?? [])].map(idOf))
      const pids = new Set(writers.filter(({ id, pid }) => pid > 0 && alive.has(id)).map(({ pid }) => pid))
      for (const pid of pids) await killConnection(context.executor, pid)
    },
  }
}

function idOf({ id }: OpenWriter): string {
  return id
}
