import type { Cluster } from '@quiesce/core'
import { assemble } from '../../packages/core/src/cluster/assemble.ts'
import { resolveOptions } from '../../packages/core/src/cluster/options.ts'
import { ProcessCluster } from '../../packages/core/src/cluster/process-cluster.ts'
import { chooseDialect } from '../../packages/core/src/dialects/choose-dialect.ts'
import type { Dialect } from '../../packages/core/src/dialects/dialect.ts'
import type { SqlExecutor } from '../../packages/core/src/domain/executor.ts'

/** Nodes that are all real but share the connections of one process. */
export interface SimulatedNodes {
  readonly clusters: readonly Cluster[]
  close(): Promise<void>
}

const CONNECTIONS = 16

/**
 * Starts nodes with their own gate, follower, lease and row in the database; only the control connections are shared, and
 * one notification reaches all of them, as the server would deliver it to each.
 */
export async function startNodes(url: string, count: number): Promise<SimulatedNodes> {
  const real = chooseDialect(url)
  if (real === undefined) throw new Error('No dialect accepts this URL.')
  const shared = real.connect(url, {
    applicationName: 'scale',
    connectionTimeoutMs: 60_000,
    statementTimeoutMs: 30_000,
    poolSize: CONNECTIONS,
    ownSessions: true,
  })
  const dialect: Dialect = { ...real, connect: () => sharing(shared) }
  const options = { database: url, connectionTimeoutMs: 60_000 }
  const clusters = Array.from(
    { length: count },
    () => new ProcessCluster(assemble(resolveOptions(options, dialect), dialect)),
  )
  await Promise.all(clusters.map((cluster) => cluster.start()))
  return {
    clusters,
    async close() {
      await Promise.all(clusters.map((cluster) => cluster.close()))
      await shared.close()
    },
  }
}

type Listener = (payload: string) => void
const listeners = new WeakMap<SqlExecutor, Set<Listener>>()

/** The same connections, without the right to end them. */
function sharing(shared: SqlExecutor): SqlExecutor {
  const known = listeners.get(shared)
  const all = known ?? new Set<Listener>()
  if (known === undefined) listeners.set(shared, all)
  const { listen, shortTransaction, executeOften } = shared
  return {
    execute: (sql, parameters) => shared.execute(sql, parameters),
    transaction: (fn) => shared.transaction(fn),
    ...(executeOften === undefined ? {} : { executeOften: executeOften.bind(shared) }),
    ...(shortTransaction === undefined ? {} : { shortTransaction: shortTransaction.bind(shared) }),
    ...(listen === undefined
      ? {}
      : {
          async listen(channel, onMessage) {
            if (all.size === 0) {
              await listen.call(shared, channel, (payload) => {
                for (const one of all) one(payload)
              })
            }
            all.add(onMessage)
            return { close: async () => void all.delete(onMessage) }
          },
        }),
    close: () => Promise.resolve(),
  }
}
