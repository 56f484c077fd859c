import { QuiesceError } from './errors.ts'
import type { Enforcement, NodeRecord } from './node-record.ts'
import type { OpenWriter } from './store.ts'

/** A node that kept a freeze waiting. */
export interface Straggler {
  readonly nodeId: string
  readonly host: string
  readonly pid: number
  readonly status: string
  /** One that only reports never acks. */
  readonly enforcement: Enforcement
  readonly heartbeatAgeMs: number
  readonly inFlight: number
  readonly unknown: number
  readonly oldest: string | undefined
}

/** What of a node's record belongs into an error. */
export function stragglerOf(node: NodeRecord): Straggler {
  const { id, host, pid, status, enforcement, inFlight, unknown, oldest } = node
  const heartbeatAgeMs = Math.round(node.heartbeatAgeMs)
  return { nodeId: id, host, pid, status, enforcement, heartbeatAgeMs, inFlight, unknown, oldest }
}

/** Live nodes did not say in time that they have stopped admitting writes; the freeze was undone. `data.stragglers` names them. */
export class AckTimeoutError extends QuiesceError {
  readonly stragglers: readonly Straggler[]

  constructor(waitedMs: number, stragglers: readonly Straggler[]) {
    super(
      'QUIESCE_ACK_TIMEOUT',
      `The freeze was undone: ${stragglers.length} node(s) did not ack within ${Math.round(waitedMs)} ms: ${stragglers.map(inWords).join('; ')}. ${adviceOn(stragglers)}`,
      { stragglers },
    )
    this.name = 'AckTimeoutError'
    this.stragglers = stragglers
  }
}

/**
 * Writes that were admitted before the freeze did not end in time; the freeze was undone. `data.stragglers` names the
 * nodes, `data.writers` the transactions alive in the database server.
 */
export class DrainTimeoutError extends QuiesceError {
  readonly stragglers: readonly Straggler[]
  readonly writers: readonly OpenWriter[]

  constructor(waitedMs: number, stragglers: readonly Straggler[], writers: readonly OpenWriter[]) {
    super(
      'QUIESCE_DRAIN_TIMEOUT',
      `The freeze was undone: writes were still in flight after ${Math.round(waitedMs)} ms: ${[...stragglers.map(inWords), ...writers.map(writerInWords)].join('; ')}. End them or give the drain more time, then try again.`,
      { stragglers, writers },
    )
    this.name = 'DrainTimeoutError'
    this.stragglers = stragglers
    this.writers = writers
  }
}

function adviceOn(stragglers: readonly Straggler[]): string {
  return stragglers.some(({ enforcement }) => enforcement === 'report')
    ? "Start the nodes that only report with enforcement: 'enforce', or freeze with acceptReporting: true, which guarantees nothing."
    : 'Check those processes, or wait until their leases run out and try again.'
}

function inWords({ nodeId, host, pid, status, enforcement, inFlight, unknown, oldest }: Straggler): string {
  if (enforcement === 'report') return `node ${nodeId} (${host} pid ${pid}): refuses nothing, it only reports`
  const unknownToo = unknown === 0 ? '' : `, ${unknown} of unknown outcome`
  return `node ${nodeId} (${host} pid ${pid}, ${status}): ${inFlight} in flight${unknownToo}${oldest === undefined ? '' : `, oldest ${oldest}`}`
}

function writerInWords({ pid, ageMs, application, tables }: OpenWriter): string {
  const age = ageMs === undefined ? '' : `, open ${Math.round(ageMs)} ms`
  return `database session ${pid} (${application || 'no application name'}${age}) on ${tables.join(', ')}`
}
