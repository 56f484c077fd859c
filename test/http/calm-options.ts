/** Leases that a busy machine does not lose; changes are still seen at once. */
export const calmOptions = {
  nodeLeaseMs: 10_000,
  freezeLeaseMs: 20_000,
  statementTimeoutMs: 5000,
} as const
