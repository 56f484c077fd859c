import { gateOf } from '@quiesce/core/adapter'
import type { SqlDriverAdapterFactoryLike, SqlDriverAdapterLike } from './driver-adapter.ts'
import { type GuardMark, markGuarded } from './guard-mark.ts'
import { guardConnectedAdapter } from './guarded-adapter.ts'
import { createStatementGuard } from './statement-guard.ts'

/**
 * Guards a driver adapter: while the cluster is not read-write, every client made with it refuses protected writes.
 *
 * It sees what no query extension sees: un-extended clients, raw SQL, nested writes, batches and commits. A refused
 * statement is not sent and rejects with a `ReadOnlyError`; a transaction that stays open past the drain's deadline is
 * rolled back at COMMIT. Reads and exempt writes pass. The shadow database of migrate tooling is not guarded.
 *
 * Not covered: other clients and pools, functions with side effects inside a SELECT, and what the database does by
 * itself (triggers, cascades).
 *
 * @throws QuiesceError `QUIESCE_CONFIG` when `cluster` did not come from `createCluster()`.
 * @example
 * const adapter = guardAdapter(cluster, new PrismaPg({ connectionString }))
 * export const prisma = new PrismaClient({ adapter }).$extends(readOnlyMode(cluster))
 */
export function guardAdapter<F extends SqlDriverAdapterFactoryLike>(cluster: object, factory: F): F {
  const gate = gateOf(cluster)
  const guard = createStatementGuard(gate)
  const mark: GuardMark = { gate, connected: false, open: new Set(), schemaName: undefined }
  const inner: SqlDriverAdapterFactoryLike & { connectToShadowDb?(): Promise<SqlDriverAdapterLike> } = factory
  const guardedFactory: typeof inner = {
    provider: inner.provider,
    adapterName: inner.adapterName,
    async connect() {
      const adapter = await inner.connect()
      mark.schemaName = adapter.getConnectionInfo?.().schemaName
      mark.connected = true
      // The adapter for better-sqlite3 has no such method, and its connection as a field.
      gate.wearBelt(adapter.underlyingDriver?.() ?? Object(Reflect.get(adapter, 'client')))
      return guardConnectedAdapter(guard, adapter, mark.open)
    },
  }
  // Prisma tells factories for migrations by this method, so it may only exist where it existed.
  const { connectToShadowDb } = inner
  if (connectToShadowDb) guardedFactory.connectToShadowDb = () => connectToShadowDb.call(inner)
  // The wrapper has what PrismaClient calls; what else a concrete factory has is not used through it.
  return markGuarded(guardedFactory, mark) as unknown as F
}
