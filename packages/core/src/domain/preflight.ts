/** Something that stands in the way of a run, or weakens what it promises. */
export interface Finding {
  /** A stable name, e.g. `long-transaction`. */
  readonly check: string
  /** What it is, and what to do. */
  readonly message: string
  /** A run does not go on without `force`. */
  readonly blocking: boolean
  readonly data?: Readonly<Record<string, unknown>> | undefined
}

/** What counts as too long. */
export interface PreflightLimits {
  readonly longTransactionMs: number
  readonly replicationLagMs: number
}

/** A transaction that has been open for long, whatever it does. */
export interface LongTransaction {
  readonly pid: number
  readonly ageMs: number
  readonly application: string
  /** The beginning of its statement; `undefined` where the role may not see it. */
  readonly query: string | undefined
}

/** In words, for people. */
export function longTransaction({ pid, ageMs, application, query }: LongTransaction): Finding {
  const what = query === undefined ? '' : `: ${query}`
  return {
    check: 'long-transaction',
    message: `session ${pid} (${application || 'no application name'}) has had a transaction open for ${Math.round(ageMs / 1000)} s${what}; the freeze would wait for it`,
    blocking: true,
    data: { pid, ageMs: Math.round(ageMs), application, query },
  }
}

/** A standby that is behind. */
export function replicationLag(replica: string, lagMs: number): Finding {
  return {
    check: 'replication-lag',
    message: `the standby ${replica} is ${Math.round(lagMs / 1000)} s behind; let it catch up, or readers see old data`,
    blocking: true,
    data: { replica, lagMs: Math.round(lagMs) },
  }
}
