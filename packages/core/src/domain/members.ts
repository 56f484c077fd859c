/** Another namespace of the same coordination tables in which nodes are alive. */
export interface OtherNamespace {
  readonly namespace: string
  /** Nodes whose lease is valid. */
  readonly nodes: number
}

/** Where Quartz keeps its schedulers. */
export interface QuartzTable {
  readonly schema?: string | undefined
  /** Before `SCHEDULER_STATE`, in the case in which the table was created; Quartz's own default is `QRTZ_`. */
  readonly prefix: string
}

/** One scheduler of a Quartz cluster, as its table has it. */
export interface QuartzScheduler {
  readonly instance: string
  readonly checkinIntervalMs: number
  /** Since its last check-in, by the database's clock. */
  readonly checkinAgeMs: number
}

/** Quartz calls a scheduler failed when it is this much later than its interval (`JobStoreSupport.calcFailedIfAfter`). */
const QUARTZ_GRACE_MS = 7500

/** Whether a scheduler still checks in, by Quartz's own rule; its row stays behind when it dies. */
export function isCheckingIn({ checkinIntervalMs, checkinAgeMs }: QuartzScheduler): boolean {
  return checkinAgeMs <= checkinIntervalMs + QUARTZ_GRACE_MS
}
