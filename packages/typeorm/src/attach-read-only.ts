import { type Gate, gateOf, heardMode, QuiesceError } from '@quiesce/core/adapter'
import { attachmentOf, carryAttachment } from './attachment.ts'
import { createClientGuard } from './client-guard.ts'
import { createClientRefusals } from './client-refusals.ts'
import type { DataSourceLike, QueryRunnerLike } from './data-source-like.ts'
import { installEntityLayer } from './entity-layer.ts'
import { guardEntryPoints } from './entry-points.ts'
import type { GuardContext } from './guard-context.ts'
import { createPatches } from './patches.ts'
import { createQueryRunnerGuard } from './query-runner-guard.ts'
import { guardResultCache } from './result-cache-guard.ts'
import { createSender } from './sender.ts'

/**
 * Guards a data source: while the cluster is read-only its writes are refused with a `ReadOnlyError`, except exempt ones.
 *
 * Call it before `initialize()`, so that nothing is opened or sent unguarded: every query runner, `stream()`, raw
 * clients and pools of node-postgres and mysql2, schema synchronisation, migrations and the result cache. It survives
 * `destroy()` and a new `initialize()`. Attaching again for the same cluster changes nothing. A write that is sent while
 * the node is still joining the cluster waits for it, so start the cluster before you initialize with `synchronize` or
 * migrations.
 *
 * Not guarded: functions with side effects inside a SELECT, other pools and processes (the database's fence refuses
 * those), raw connections of other drivers, and query runners that were created before.
 *
 * @returns what detaches the guard.
 * @throws QuiesceError `QUIESCE_CONFIG` when the data source is guarded for another cluster, or is MongoDB.
 *
 * @example
 * const db = new DataSource(options)
 * attachReadOnly(cluster, db)
 * await db.initialize()
 */
export function attachReadOnly(cluster: object, dataSource: DataSourceLike): () => void {
  const gate = gateOf(cluster)
  const known = attachmentOf(dataSource)
  if (known?.gate === gate) return known.detach
  if (known !== undefined) {
    throw new QuiesceError(
      'QUIESCE_CONFIG',
      'The data source is guarded for another cluster already. Detach that one first, or use one cluster for both.',
    )
  }
  const context = guard(gate, dataSource)
  const detach = (): void => {
    context.patches.undo()
    carryAttachment(dataSource, undefined)
  }
  carryAttachment(dataSource, { gate, context, detach })
  return detach
}

function guard(gate: Gate, dataSource: DataSourceLike): GuardContext {
  const { driver } = dataSource
  const { type } = driver.options
  if (type === 'mongodb') {
    throw new QuiesceError('QUIESCE_CONFIG', 'MongoDB has no statements to guard. Attach SQL data sources only.')
  }
  const patches = createPatches()
  const sender = createSender(gate)
  const clients = createClientGuard({
    gate,
    patches,
    sender,
    refusals: createClientRefusals(gate, patches, dataSource),
  })
  const parts = { gate, heard: heardMode(gate), patches, sender, clients }
  const runners = createQueryRunnerGuard(parts, type)
  const context: GuardContext = { ...parts, runners, opened: { into: undefined } }

  patches.replaceWhole(driver, 'createQueryRunner', (create) => (...args) => {
    const runner: unknown = Reflect.apply(create, driver, args)
    if (!patches.isActive || !isQueryRunner(runner)) return runner
    context.opened.into?.push(runner)
    runners.guard(runner)
    return runner
  })
  // The driver makes new pools at each connect().
  patches.replace(driver, 'connect', (connect) => async (args) => {
    await connect(args)
    clients.watch(driver)
  })
  clients.watch(driver)
  guardEntryPoints(context, dataSource)
  guardResultCache(context, dataSource)
  installEntityLayer(context, dataSource)
  return context
}

function isQueryRunner(value: unknown): value is QueryRunnerLike {
  return typeof value === 'object' && value !== null && 'isReleased' in value
}
