import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import type { Exemptions } from '../domain/exemption.ts'
import { markedPolicyHash, type NodeIdentity } from '../domain/node-record.ts'
import type { ResolvedOptions } from './options.ts'
import { LIBRARY_VERSION, PROTOCOL_VERSION } from './version.ts'

/** What a node of these options says of itself, but its id. */
export function identityOf(options: ResolvedOptions): Omit<NodeIdentity, 'id'> {
  const { application, enforcement, pollIntervalMs, nodeLeaseMs } = options
  return {
    host: hostname(),
    pid: process.pid,
    application,
    libraryVersion: LIBRARY_VERSION,
    protocolVersion: PROTOCOL_VERSION,
    policyHash: markedPolicyHash(hashOf(options), enforcement),
    heartbeatMs: pollIntervalMs,
    leaseMs: nodeLeaseMs,
  }
}

/** The same for the same policy in whatever order it was written. */
function hashOf({ exempt, skip, sql }: ResolvedOptions): string {
  const sorted = (rules: Exemptions): unknown =>
    Object.entries(rules)
      .map(([table, rule]) => [table, Array.isArray(rule) ? [...rule].sort() : rule])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
  const { strict, functions } = sql
  const policy = [sorted(exempt), sorted(skip), strict, functions.harmless.toSorted(), functions.effectful.toSorted()]
  return createHash('sha256').update(JSON.stringify(policy)).digest('hex').slice(0, 16)
}
