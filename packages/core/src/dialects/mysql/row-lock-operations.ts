import type { TransactionStatements } from '../../domain/executor.ts'
import type { RowLockRequest, RowLockWait } from '../../domain/lock-record.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import { messageOf } from '../explaining.ts'
import { type LockStage, rowLockLost } from '../row-lock-lost.ts'
import { explain, meaningOf } from './errors.ts'
import { quoteIdentifier } from './names.ts'
import type { StoreContext } from './store-context.ts'

/** Transaction locks: a row that is locked for as long as a transaction is open; the server frees it by itself. */
export function rowLockOperations(context: StoreContext): Pick<CoordinationStore, 'holdRow'> {
  const { executor } = context
  return {
    async holdRow(request, fn) {
      const target = targetOf(context, request)
      let stage = 'asking' as LockStage
      try {
        await insertIfMissing(context, target)
        return await executor.transaction(async (one) => {
          if (!(await isLocked(context, one, target, request.wait))) return undefined
          stage = 'working'
          const value = await fn(one.lost)
          stage = 'ending'
          return { value }
        })
      } catch (error) {
        if (stage === 'working') throw error
        if (stage === 'ending') throw rowLockLost(request.name, messageOf(error), explain(error))
        if (meaningOf(error) === 'retry') return undefined
        throw explain(error)
      }
    },
  }
}

interface Target {
  readonly table: string
  readonly column: string
  readonly key: string
}

/** In our own table the namespaces must not meet; in another program's the name is what that program calls it. */
function targetOf({ tables, namespace }: StoreContext, { name, table }: RowLockRequest): Target {
  if (table === undefined) return { table: tables.rowLock, column: 'lock_name', key: `${namespace}\0${name}` }
  const qualified = [table.schema, table.table].filter((part) => part !== undefined).map(quoteIdentifier)
  return { table: qualified.join('.'), column: quoteIdentifier(table.nameColumn), key: name }
}

/**
 * Looked for first, without a lock: an insert of a row that is there waits for whoever holds it. Inserted and committed
 * before it is locked: two that lock a row which is not there and then insert it would deadlock.
 */
async function insertIfMissing({ executor, server }: StoreContext, { table, column, key }: Target): Promise<void> {
  await server()
  if ((await executor.execute(`SELECT 1 FROM ${table} WHERE ${column} = ?`, [key])).rows.length > 0) return
  await executor.execute(`INSERT INTO ${table} (${column}) VALUES (?) ON DUPLICATE KEY UPDATE ${column} = ${column}`, [
    key,
  ])
}

async function isLocked(
  { server }: StoreContext,
  one: TransactionStatements,
  { table, column, key }: Target,
  wait: RowLockWait,
): Promise<boolean> {
  const how = wait === 'nowait' ? ' NOWAIT' : wait === 'skip-locked' ? ' SKIP LOCKED' : ''
  const select = `SELECT 1 AS locked FROM ${table} WHERE ${column} = ? FOR UPDATE${how}`
  if (typeof wait !== 'number') return (await one.execute(select, [key])).rows.length === 1
  // The connection is this transaction's alone; InnoDB's own bound, in whole seconds, must not come first.
  await one.execute(`SET SESSION innodb_lock_wait_timeout = ${Math.ceil(wait / 1000) + 1}`)
  const { language } = await server()
  return (await one.execute(language.bounded(select, wait), [key])).rows.length === 1
}
