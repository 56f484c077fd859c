/** A number that grows with every change of the cluster's mode; a decimal string, because it is a 64-bit integer. */
export type Epoch = string

/**
 * Names one state of a cluster beyond doubt.
 *
 * The epoch alone is not enough: after a failover that lost commits the same epoch is given out twice. The nonce tells
 * those two apart, and the identity tells that the database is another one.
 */
export interface Token {
  readonly epoch: Epoch
  readonly nonce: string
  /** The database's identity, e.g. PostgreSQL's system identifier and timeline. */
  readonly database: string
}

/** The epoch that follows. */
export function nextEpoch(epoch: Epoch): Epoch {
  return (BigInt(epoch) + 1n).toString()
}

/** Negative, zero or positive, as `a` is before, at or after `b`. */
export function compareEpochs(a: Epoch, b: Epoch): number {
  const difference = BigInt(a) - BigInt(b)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
