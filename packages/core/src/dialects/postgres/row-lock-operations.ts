import type { RowLockRequest, RowLockWait } from '../../domain/lock-record.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import { messageOf } from '../explaining.ts'
import { type LockStage, rowLockLost } from '../row-lock-lost.ts'
import { explain, meaningOf } from './errors.ts'
import { quoteIdentifier } from './names.ts'
import type { StoreContext } from './store-context.ts'

/** Transaction locks: a row that is locked for as long as a transaction is open; the server frees it by itself. */
export function rowLockOperations(context: StoreContext): Pick<CoordinationStore, 'holdRow'> {
  return {
    async holdRow(request, fn) {
      const target = targetOf(context, request)
      if (!(await isInserted(context, target, request.wait))) return undefined
      let stage = 'asking' as LockStage
      try {
        return await context.executor.transaction(async (one) => {
          await one.execute(`SELECT set_config('lock_timeout', $1, true)`, [timeout(request.wait)])
          const { rows } = await one.execute(lockRow(target, request.wait), [target.key])
          if (rows.length !== 1) return undefined
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
  readonly name: string
  readonly column: string
  readonly key: string
}

/** In our own table the namespaces must not meet; in another program's the name is what that program calls it. */
function targetOf({ tables, namespace }: StoreContext, { name, table }: RowLockRequest): Target {
  if (table === undefined) return { name: tables.rowLock, column: 'lock_name', key: JSON.stringify([namespace, name]) }
  const qualified = [table.schema, table.table].filter((part) => part !== undefined).map(quoteIdentifier)
  return { name: qualified.join('.'), column: quoteIdentifier(table.nameColumn), key: name }
}

async function isInserted({ executor }: StoreContext, target: Target, wait: RowLockWait): Promise<boolean> {
  try {
    await executor.execute(insertRow(target), [target.key, timeout(wait)])
    return true
  } catch (error) {
    if (meaningOf(error) === 'retry') return false
    throw explain(error)
  }
}

/** Inserted and committed before it is locked, so that a first use waits for nobody. $1 name, $2 lock_timeout. */
function insertRow({ name, column }: Target): string {
  return `WITH bounded AS MATERIALIZED (SELECT set_config('lock_timeout', $2, true) AS lock_timeout)
    INSERT INTO ${name} (${column}) SELECT $1 FROM bounded WHERE lock_timeout IS NOT NULL ON CONFLICT DO NOTHING`
}

/** $1 name. */
function lockRow({ name, column }: Target, wait: RowLockWait): string {
  const how = wait === 'nowait' ? ' NOWAIT' : wait === 'skip-locked' ? ' SKIP LOCKED' : ''
  return `SELECT 1 AS locked FROM ${name} WHERE ${column} = $1 FOR UPDATE${how}`
}

/** Even who does not wait for the row waits a moment for another program's first insert of it. */
function timeout(wait: RowLockWait): string {
  return `${typeof wait === 'number' ? Math.max(1, Math.ceil(wait)) : 50}ms`
}
