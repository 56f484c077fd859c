import type { ClusterOptions } from '@quiesce/core'
import type { DatabaseName } from '@quiesce/test-servers'

/** Leases that a loaded machine keeps, with all of the library's rules between them. */
const options = {
  pollIntervalMs: 400,
  fastPollIntervalMs: 150,
  nodeLeaseMs: 2200,
  writeBoundMs: 300,
  freezeLeaseMs: 3000,
  lockDelayMs: 100,
  statementTimeoutMs: 2000,
  closeTimeoutMs: 500,
  lock: { retryIntervalMs: 100, maxRetryIntervalMs: 100 },
} as const
/** MySQL and MariaDB take longer for twenty nodes at once. */
export const optionsOn = (kind: DatabaseName): Partial<ClusterOptions> & { readonly freezeLeaseMs: number } =>
  kind === 'postgres'
    ? options
    : { ...options, nodeLeaseMs: 4000, freezeLeaseMs: 5000, statementTimeoutMs: 3500, pollIntervalMs: 800 }
