import { AsyncLocalStorage } from 'node:async_hooks'
import { tracingChannel } from 'node:diagnostics_channel'
import { callSiteOf } from '../cluster/call-site.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { UnguardedWrite } from '../cluster/events.ts'
import { gateOf } from '../cluster/gate-access.ts'
import { observationOf } from '../cluster/observation.ts'
import type { Analysis } from '../sql/analysis.ts'
import { createAnalyzer } from '../sql/analyzer.ts'
import { watchAdmissions } from './admissions.ts'

/** What mysql2 publishes of a statement; its text may hold values, so nothing of it leaves this file. */
interface PublishedStatement {
  readonly query?: unknown
}

const CHANNELS = ['mysql2:query', 'mysql2:execute'] as const
const STACK_FRAMES = 50

/**
 * Looks for writes of this process that mysql2 sends and that no guard was asked about, and tells of each by the event
 * `unguarded` with table, operation and call site; returns what ends that.
 *
 * mysql2 publishes its statements on diagnostics channels since 3.20; other drivers (pg, mariadb, better-sqlite3) publish
 * none, so nothing is found there. It costs an analysis of each statement, and a stack for each connection that is taken:
 * turn it on while you look, before the first connection is opened. It only watches: nothing is refused.
 *
 * An admission whose statement never reached the driver can hide one unguarded write of the same kind for half a minute.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` when `cluster` did not come from `createCluster()`.
 *
 * @example
 * const stop = detectUnguardedWrites(cluster)
 * cluster.on('unguarded', ({ table, operation, callSite }) => console.warn(table, operation, callSite))
 */
export function detectUnguardedWrites(cluster: Cluster): () => void {
  const gate = gateOf(cluster)
  const { events, tablePrefix } = observationOf(cluster)
  const analyze = createAnalyzer('mysql')
  const isOurs = (analysis: Analysis, sql: string): boolean =>
    analysis.kind === 'write'
      ? analysis.writes.every(({ table }) => table.startsWith(tablePrefix))
      : sql.includes(tablePrefix)
  const keyOf = (sql: string): string | undefined => kindOf(analyze(sql))
  const admissions = watchAdmissions(gate, keyOf)

  /** Where a connection was asked for, while its callback runs: the stack of a pool's own query begins there. */
  const taking = new AsyncLocalStorage<string | undefined>()
  const sites = new WeakMap<object, string | undefined>()
  const pool = tracingChannel<unknown, object>('mysql2:pool:connect')
  const onTaking = (context: object): void => void sites.set(context, callSite())
  pool.start.subscribe(onTaking as Parameters<typeof pool.start.subscribe>[0])
  pool.asyncStart.bindStore(taking, (context) => sites.get(context))

  // The end of the call, not its start: mysql2's own queue, where a guard may stand, has had the statement by then.
  const onSent = (message: unknown): void => {
    const { query } = message as PublishedStatement
    if (typeof query !== 'string' || gate.isStarting) return
    const analysis = analyze(query)
    const key = kindOf(analysis)
    if (key === undefined || isOurs(analysis, query) || admissions.take(key)) return
    const site = callSite() ?? taking.getStore()
    for (const write of describe(analysis)) events.emit('unguarded', { ...write, system: 'mysql', callSite: site })
  }
  const channels = CHANNELS.map((name) => tracingChannel(name).end)
  for (const channel of channels) channel.subscribe(onSent)
  return () => {
    for (const channel of channels) channel.unsubscribe(onSent)
    pool.start.unsubscribe(onTaking as Parameters<typeof pool.start.subscribe>[0])
    pool.asyncStart.unbindStore(taking)
    admissions.close()
  }
}

/** The same for the text with its values and without; `undefined` for what changes nothing. */
function kindOf(analysis: Analysis): string | undefined {
  const writes = describe(analysis)
  return writes.length === 0 ? undefined : writes.map(({ operation, table }) => `${operation} ${table}`).join()
}

function describe(analysis: Analysis): readonly Pick<UnguardedWrite, 'table' | 'operation'>[] {
  if (analysis.kind === 'ddl') return [{ operation: analysis.verb, table: undefined }]
  if (analysis.kind !== 'write') return []
  return analysis.writes.map(({ operation, schema, table }) => ({
    operation,
    table: schema === undefined ? table : `${schema}.${table}`,
  }))
}

function callSite(): string | undefined {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = STACK_FRAMES
  const { stack } = new Error('here')
  Error.stackTraceLimit = stackTraceLimit
  return callSiteOf(stack)
}
