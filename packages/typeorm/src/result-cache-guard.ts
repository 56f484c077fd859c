import { isReadOnlyError, type TableWrite } from '@quiesce/core/adapter'
import type { DataSourceLike } from './data-source-like.ts'
import { releasingForgotten } from './forgotten-runners.ts'
import { type GuardContext, isRestricted } from './guard-context.ts'

/**
 * Keeps cached reads working: while writes are restricted, a result is read from the cache's table but not stored.
 *
 * Removing and clearing are writes that somebody asked for, so they are refused, and before TypeORM opens a connection
 * that it would forget. A cache outside the database (Redis, a provider of one's own) is left alone.
 */
export function guardResultCache(context: GuardContext, dataSource: DataSourceLike): void {
  const cache = dataSource.queryResultCache
  const options = cacheOptions(dataSource.options)
  if (cache === undefined || !isInDatabase(options)) return
  const { gate, patches } = context
  const table = typeof options['tableName'] === 'string' ? options['tableName'] : 'query-result-cache'

  /** An exempt table may still be written; the statement decides in the end. */
  const isRefused = (operation: TableWrite['operation']): boolean =>
    isRestricted(gate) && gate.refusedColumns({ operation, table, columns: 'all' }) !== undefined

  patches.replace(cache, 'storeInCache', (store) => async (args) => {
    if (isRefused('insert') || isRefused('update')) return
    try {
      await releasingForgotten(context, async () => store(args))
    } catch (error) {
      // The mode has changed since the check: the read that wanted to be cached must not fail for it.
      if (!isReadOnlyError(error)) throw error
    }
  })
  for (const [method, operation] of [
    ['clear', 'truncate'],
    ['remove', 'delete'],
  ] as const) {
    patches.replace(cache, method, (change) => async (args) => {
      if (gate.isStarting) await gate.whenReady(method)
      if (isRefused(operation)) throw gate.refuse({ operation, table })
      return releasingForgotten(context, async () => change(args))
    })
  }
}

function cacheOptions(options: object): Readonly<Record<string, unknown>> {
  const cache: unknown = Reflect.get(options, 'cache')
  return typeof cache === 'object' && cache !== null ? { ...cache } : {}
}

function isInDatabase(options: Readonly<Record<string, unknown>>): boolean {
  return typeof options['provider'] !== 'function' && (options['type'] ?? 'database') === 'database'
}
