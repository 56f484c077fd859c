import type { Clock } from '../domain/clock.ts'
import { compileExemptions } from '../domain/exemption.ts'
import type { Logger } from '../domain/logger.ts'
import type { CoordinationStore } from '../domain/store.ts'
import type { FenceReport } from './fencer.ts'
import type { ResolvedFreezeOptions } from './freeze-options.ts'
import { detectMembers } from './members.ts'
import type { ResolvedOptions } from './options.ts'
import { sleep } from './sleep.ts'
import { type NodesAnswer, waitForNodes } from './wait-for-nodes.ts'
import { type ServerWait, waitForServer } from './wait-for-server.ts'

/** What the drain of a cluster needs. */
export interface DrainContext {
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly options: ResolvedOptions
  readonly logger: Logger
  readonly defaultSchema: string | undefined
}

/** The fence of a freeze that is being made. */
export interface DrainFence {
  /** Why there is none; `undefined` where one can be raised. */
  readonly reason: string | undefined
  /** Whether a table of this name, as `schema.table`, will be covered. */
  covers(table: string): boolean
  /** Whether every table that is known and protected will be, so that raising it waits for everybody. */
  readonly coversAll: boolean
  /** Raises it; a report without a backend says that it failed and may be done without. */
  raise(signal: AbortSignal): Promise<FenceReport>
}

/** What the drain came to. */
export interface Drained {
  readonly answer: NodesAnswer
  readonly unregistered: number
  readonly serverDrained: boolean
  readonly fence: FenceReport
  readonly drainedMs: number
}

/**
 * Waits for the nodes, and then for everybody else: by the fence, which nobody gets past once it stands, or by waiting
 * for instances that cannot ack and for transactions that are alive in the server.
 */
export async function drainCluster(
  context: DrainContext,
  options: ResolvedFreezeOptions,
  epoch: string,
  signal: AbortSignal,
  fence: DrainFence,
): Promise<Drained> {
  const { store, clock, options: cluster } = context
  const startedAtMs = clock.monotonicMs()
  const { writeBoundMs } = cluster
  const { ackTimeoutMs: timeoutMs, acceptReporting } = options
  const nodes = (fenceFollows: boolean): Promise<NodesAnswer> =>
    waitForNodes({ store, clock, epoch, timeoutMs, acceptReporting, writeBoundMs, fenceFollows, signal })
  const drainedMs = (): number => clock.monotonicMs() - startedAtMs
  let reason = fence.reason
  if (reason === undefined) {
    let answer = await nodes(true)
    // What no trigger waits for: a table that is only being created, and those that have none.
    const waited = options.awaitServer && (await waitForServer(serverWait(context, options, signal, fence.covers)))
    const serverDrained = waited || fence.coversAll
    // A write of unknown outcome to a table that is not covered is settled by its node alone.
    if (!serverDrained) answer = await nodes(false)
    const report = await fence.raise(signal)
    if (report.backend !== undefined) {
      const { unregistered } = await detectMembers(store, cluster.detect)
      return { answer, unregistered, serverDrained, fence: report, drainedMs: drainedMs() }
    }
    reason = report.reason
  }
  const answer = await nodes(false)
  const unregistered = await waitForStrangers(context, signal)
  const serverDrained = options.awaitServer && (await waitForServer(serverWait(context, options, signal, () => false)))
  const unfenced: FenceReport = { backend: undefined, tables: 0, gaps: [], reason }
  return { answer, unregistered, serverDrained, fence: unfenced, drainedMs: drainedMs() }
}

/** Instances that cannot ack get as long as their poll of the mode may take, and half as long again. */
async function waitForStrangers({ store, clock, options, logger }: DrainContext, signal: AbortSignal): Promise<number> {
  const { unregistered } = await detectMembers(store, options.detect)
  if (unregistered === 0) return 0
  const waitMs = 1.5 * options.pollIntervalMs
  logger.warn(
    { unregistered, waitMs },
    'instances without a guard cannot acknowledge the freeze; waiting for them to notice it',
  )
  await sleep(clock, waitMs, signal)
  return unregistered
}

function serverWait(
  context: DrainContext,
  options: ResolvedFreezeOptions,
  signal: AbortSignal,
  isCovered: (table: string) => boolean,
): ServerWait {
  const { store, clock, options: cluster, defaultSchema } = context
  const policies = [cluster.exempt, options.exempt].map((exempt) => compileExemptions(exempt, defaultSchema))
  const isExempt = (name: string): boolean => {
    const [schema, table] = [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)]
    return isCovered(name) || policies.some((policy) => policy.exemptsWholly(table, schema))
  }
  return { store, clock, timeoutMs: options.drainTimeoutMs, isExempt, terminate: options.terminateBlockers, signal }
}
