import { chooseDialect } from '../dialects/choose-dialect.ts'
import { postgresDialect } from '../dialects/postgres/postgres-dialect.ts'
import { assemble } from './assemble.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterOptions } from './cluster-options.ts'
import { carryGate } from './gate-access.ts'
import { carryObservation } from './observation.ts'
import { resolveOptions } from './options.ts'
import { ProcessCluster } from './process-cluster.ts'

/**
 * Makes this process's part of a cluster; no I/O happens before `migrate()`, `start()` or the first guarded write.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * const cluster = createCluster({ database: process.env.DATABASE_URL, exempt: { session: true } })
 * await cluster.migrate()
 * await cluster.start()
 */
export function createCluster(options: ClusterOptions): Cluster {
  // Options that name no database are refused all the same, with every other problem that they have.
  const dialect = chooseDialect((options as Partial<ClusterOptions> | undefined)?.database) ?? postgresDialect
  const resolved = resolveOptions(options, dialect)
  const parts = assemble(resolved, dialect)
  const { gate, events, operations } = parts
  const { namespace, tablePrefix } = resolved
  const writesInFlight = () => gate.writesInFlight()
  const observation = { events, operations, namespace, tablePrefix, writesInFlight }
  const cluster = carryObservation(new ProcessCluster(parts), observation)
  return carryGate(cluster, gate)
}
