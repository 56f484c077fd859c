import type { DataSourceLike } from './data-source-like.ts'
import { releasingForgotten } from './forgotten-runners.ts'
import { type GuardContext, isRestricted } from './guard-context.ts'
import { readMigrations } from './migrations.ts'

/**
 * Refuses schema changes where they are asked for, before TypeORM opens a connection for them.
 *
 * What has nothing to do goes on working, so that an instance can boot while the cluster is read-only:
 * `runMigrations()` without pending migrations, `undoLastMigration()` without executed ones, `showMigrations()`.
 */
export function guardEntryPoints(context: GuardContext, dataSource: DataSourceLike): void {
  const { gate, patches } = context

  function refuse(operation: string): never {
    throw gate.refuse({ operation, why: 'schema changes are never exempt' })
  }

  /** Replaces a method by `restricted`, which says what to do while writes are; `undefined` means: as ever. */
  function replace(operation: string, restricted: (original: () => Promise<unknown>) => Promise<unknown>): void {
    patches.replace(dataSource, operation, (original) => async (args) => {
      // The name of an operation is no statement that reads, so this waits until the node knows the mode.
      if (gate.isStarting) await gate.whenReady(operation)
      const call = async (): Promise<unknown> => original(args)
      return isRestricted(gate) ? restricted(call) : releasingForgotten(context, call)
    })
  }

  replace('synchronize', async () => refuse('synchronize'))
  replace('dropDatabase', async () => refuse('dropDatabase'))
  replace('runMigrations', async () => {
    const { pending } = await readMigrations(dataSource)
    return pending.length === 0 ? [] : refuse('runMigrations')
  })
  replace('undoLastMigration', async () => {
    const { executed } = await readMigrations(dataSource)
    if (executed.length > 0) refuse('undoLastMigration')
  })
  replace('showMigrations', async (original) => {
    const { hasTable, pending } = await readMigrations(dataSource)
    // With its table in place TypeORM only reads; without it, it would create the table first.
    if (hasTable) return original()
    for (const migration of pending) dataSource.logger.logSchemaBuild(`[ ] ${migration}`)
    return pending.length > 0
  })
}
