import { type Cancel, type Clock, type Moment, momentOf } from '../domain/clock.ts'
import { QuiesceError } from '../domain/errors.ts'
import { createLease } from '../domain/lease.ts'

/** Whether a holder may still act: certainly, perhaps (its lease ran out unheard), or certainly not. */
export type HoldState = 'held' | 'unknown' | 'lost' | 'released'

/** How a lease in the database is renewed. */
export interface HoldingOptions {
  readonly clock: Clock
  readonly leaseMs: number
  /** What is held, for messages, e.g. `lock "nightly"`. */
  readonly what: string
  /** Renews in the database; the granted time, or `undefined` when it is not held any more. */
  readonly renew: () => Promise<number | undefined>
}

/** A lease in the database that renews itself, and tells when it is not certain any more. */
export interface Holding {
  readonly state: HoldState
  /** Aborts as soon as the claim is not certain, with a `QUIESCE_LEASE_LOST` error as its reason. */
  readonly signal: AbortSignal
  /** Renews at once; false when it is not held any more. */
  renew(): Promise<boolean>
  /** Somebody says that it is not held any more. */
  lose(): void
  /** Stops renewing. */
  release(): void
}

const RENEWALS_PER_LEASE = 3

/** Starts to renew a lease that was granted by a statement sent at `grantedAt`. */
export function startHolding(options: HoldingOptions, grantedAt: Moment = momentOf(options.clock)): Holding {
  const { clock, leaseMs, what } = options
  const lease = createLease(clock, leaseMs)
  const controller = new AbortController()
  let state: HoldState = 'held'
  let cancelRenewal: Cancel = () => {}
  let cancelExpiry: Cancel = () => {}
  lease.renewed(grantedAt)

  const lose = (to: 'unknown' | 'lost'): void => {
    if (state === 'released' || state === 'lost') return
    state = to
    const told = to === 'lost' ? 'the database says that it is not held any more' : 'it could not be renewed in time'
    controller.abort(
      new QuiesceError(
        'QUIESCE_LEASE_LOST',
        `The ${what} is lost: ${told}. Stop the work that relies on it; another holder may be at it.`,
        { what, state: to },
      ),
    )
    if (to === 'lost') stop()
  }
  const stop = (): void => {
    cancelRenewal()
    cancelExpiry()
  }
  const renew = async (): Promise<boolean> => {
    const sentAt = momentOf(clock)
    const grantedMs = await options.renew()
    if (state === 'released') return false
    if (grantedMs === undefined) {
      lose('lost')
      return false
    }
    lease.renewed(sentAt, grantedMs)
    watch()
    return true
  }
  const watch = (): void => {
    cancelExpiry()
    cancelExpiry = clock.schedule(lease.remainingMs() + 1, () => {
      if (!lease.isFresh()) lose('unknown')
    })
  }
  const schedule = (ms: number): void => {
    cancelRenewal()
    cancelRenewal = clock.schedule(ms, () => {
      renew().then(
        (held) => held && schedule(leaseMs / RENEWALS_PER_LEASE),
        () => state !== 'released' && schedule(leaseMs / RENEWALS_PER_LEASE / 4),
      )
    })
  }
  watch()
  schedule(leaseMs / RENEWALS_PER_LEASE)
  return {
    get state() {
      return state === 'held' && !lease.isFresh() ? 'unknown' : state
    },
    signal: controller.signal,
    renew,
    lose: () => lose('lost'),
    release() {
      if (state !== 'lost') state = 'released'
      stop()
    },
  }
}
