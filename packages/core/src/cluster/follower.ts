import { type Cancel, momentOf } from '../domain/clock.ts'
import { isQuiesceError, QuiesceError } from '../domain/errors.ts'
import { distrust, type NodeHealth } from '../domain/health.ts'
import type { NodeReport } from '../domain/node-record.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import { hasChanged } from '../domain/snapshot-changes.ts'
import type { Token } from '../domain/token.ts'
import type { FollowerOptions } from './follower-options.ts'
import { jittered, pauseUntilBeat } from './follower-pace.ts'
import { createRegistration, type Registration } from './registration.ts'

/** The node's part in the cluster: renews its lease, follows the mode, and acks. */
export interface Follower {
  readonly nodeId: string
  /** The newest state that was applied. */
  readonly snapshot: Snapshot | undefined
  readonly health: Extract<NodeHealth, 'ok' | 'lease-lost' | 'state-lost'>
  /** Registers, then reads the mode; resolves when it has been applied. */
  join(): Promise<void>
  /** Looks at the state soon: something may have changed. */
  hint(): void
  /** Looks at the state now; resolves when it has been applied, or could not be read. */
  refresh(): Promise<void>
  /** Stops following; the node's row stays until `leave()`. */
  stop(): Promise<void>
  leave(): Promise<void>
}

/** Makes the follower of one node. */
export function createFollower(options: FollowerOptions): Follower {
  return new NodeFollower(options)
}

class NodeFollower implements Follower {
  readonly #o: FollowerOptions
  readonly #registration: Registration
  #snapshot: Snapshot | undefined
  #token: Token | undefined
  #applied = false
  #ackedEpoch = '0'
  #ackedAtMs = Number.NEGATIVE_INFINITY
  #isStateLost = false
  #ticking: Promise<void> | undefined
  #again = false
  /** When the next beat is planned; a hint may make it earlier. */
  #dueAtMs = Number.POSITIVE_INFINITY
  /** Until `join()`, and again after `stop()`: nothing is followed. */
  #stopped = true
  #cancelTick: Cancel = () => {}
  #cancelLeaseWatch: Cancel = () => {}

  constructor(options: FollowerOptions) {
    this.#o = options
    this.#registration = createRegistration(options)
    options.gate.onDrainProgress = () => this.#ackWhenDrained()
  }

  get nodeId(): string {
    return this.#registration.nodeId
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot
  }

  get health(): Follower['health'] {
    if (this.#isStateLost) return 'state-lost'
    return this.#o.lease.isFresh() ? 'ok' : 'lease-lost'
  }

  async join(): Promise<void> {
    this.#stopped = false
    await this.#tick()
    while (!this.#applied) {
      await new Promise<void>((resolve) => this.#o.clock.schedule(this.#o.fastPollIntervalMs, resolve, true))
      await this.#tick()
    }
    this.#scheduleNext()
  }

  hint(): void {
    if (this.#stopped) return
    if (this.#ticking !== undefined) this.#again = true
    else this.#tickInBackground()
  }

  async refresh(): Promise<void> {
    // A look that is under way may have read the state before it changed.
    await this.#ticking?.catch(() => {})
    if (this.#stopped) return
    if (this.#ticking === undefined) this.#tickInBackground()
    await this.#ticking?.catch(() => {})
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTick()
    this.#cancelLeaseWatch()
    await this.#ticking?.catch(() => {})
  }

  leave(): Promise<void> {
    return this.#registration.leave()
  }

  #tickInBackground(): void {
    this.#cancelTick()
    this.#tick()
      .catch((error: unknown) => this.#warn('following the cluster failed; trying again', error))
      .finally(() => this.#scheduleNext())
  }

  #scheduleNext(): void {
    if (this.#stopped) return
    this.#cancelTick()
    if (this.#again) {
      this.#again = false
      this.#tickInBackground()
      return
    }
    const nowMs = this.#o.clock.monotonicMs()
    const hasAcked = this.#ackedEpoch === this.#token?.epoch
    const applied = this.#applied ? this.#snapshot : undefined
    const pauseMs = jittered(pauseUntilBeat(this.#o, applied, hasAcked ? nowMs - this.#ackedAtMs : undefined))
    this.#dueAtMs = nowMs + pauseMs
    this.#cancelTick = this.#o.clock.schedule(pauseMs, () => this.#tickInBackground())
  }

  #tick(): Promise<void> {
    this.#ticking = this.#beatAndApply().finally(() => {
      this.#ticking = undefined
    })
    return this.#ticking
  }

  async #beatAndApply(): Promise<void> {
    const { store, clock, lease, gate } = this.#o
    // Registered first and committed, read afterwards: a freeze that this read misses finds the node's row.
    await this.#registration.ensure()
    const sentAt = momentOf(clock)
    const snapshot = await this.#observe(() => store.beat(this.nodeId, this.#report()))
    if (snapshot === undefined || this.#stopped) return
    if (!snapshot.registered) return this.#rejoin()
    const continuous = this.#applied && lease.isFresh()
    lease.renewed(sentAt)
    this.#o.events.emit('heartbeat', { lagMs: clock.monotonicMs() - Math.min(this.#dueAtMs, sentAt.monotonicMs) })
    this.#watchLease()
    const changed = !continuous || hasChanged(snapshot, this.#snapshot)
    this.#snapshot = snapshot
    this.#token = snapshot.token
    this.#applied = true
    if (changed) gate.apply(snapshot, continuous)
    this.#ackWhenDrained()
    this.#o.holders.observe(snapshot)
    // The node is up to date; what it does for others must not make it look as if it were not.
    await this.#attempt('lifting what dead holders left', () => this.#o.recovery.afterBeat(snapshot, this.nodeId))
    if (gate.drain().unknown > 0) await this.#attempt('looking for unknown writes', () => this.#o.unknownWrites.look())
  }

  /** The state that a statement read, if it may be believed; otherwise the gate is shut. */
  async #observe(read: () => Promise<Snapshot>): Promise<Snapshot | undefined> {
    let why: string
    let epoch: string | undefined
    try {
      const snapshot = await read()
      if (!snapshot.primary)
        throw new QuiesceError(
          'QUIESCE_DATABASE',
          'A read-only standby answered for the coordination database. Give the URL of the primary.',
        )
      const reason = distrust(snapshot, this.#token)
      if (reason === undefined) {
        this.#isStateLost = false
        this.#o.recovery.stateFound()
        return snapshot
      }
      why = reason
      epoch = snapshot.token.epoch
    } catch (error) {
      if (!isQuiesceError(error) || error.kind !== 'QUIESCE_STATE_LOST') throw error
      why = error.message
    }
    this.#applied = false
    this.#o.gate.shut('state-lost')
    this.#o.holders.loseAll()
    const isNew = !this.#isStateLost
    this.#isStateLost = true
    if (isNew) this.#o.events.emit('state-lost', { why })
    await this.#o.recovery.stateLost(this.nodeId, this.#token?.epoch ?? epoch ?? '0')
    return undefined
  }

  /** The row is gone, so the cluster did not wait for this node: it comes back as another one. */
  async #rejoin(): Promise<void> {
    this.#o.gate.shut('lease-lost')
    this.#o.lease.drop()
    this.#applied = false
    this.#registration.forget()
    this.#again = true
  }

  #report(): NodeReport {
    const { inFlight, unknown, oldest } = this.#o.gate.drain()
    return { seenEpoch: this.#token?.epoch ?? '0', ackedEpoch: this.#ackedEpoch, inFlight, unknown, oldest }
  }

  #ackWhenDrained(): void {
    const epoch = this.#token?.epoch
    if (!this.#applied || epoch === undefined || epoch === this.#ackedEpoch) return
    const { gate } = this.#o
    const { inFlight, unknown } = gate.drain()
    if (inFlight + unknown > 0) return
    // A node that lets writes pass has nothing to say to a freeze.
    if (!gate.enforces && this.#snapshot?.mode !== 'read-write') return
    this.#ackedEpoch = epoch
    this.#ackedAtMs = this.#o.clock.monotonicMs()
    this.#o.events.emit('acked', { epoch })
    if (this.#snapshot?.mode !== 'read-write') this.hint()
  }

  #watchLease(): void {
    const { clock, lease, gate, events } = this.#o
    this.#cancelLeaseWatch()
    this.#cancelLeaseWatch = clock.schedule(lease.remainingMs() + 1, () => {
      if (lease.isFresh() || this.#stopped) return
      this.#applied = false
      gate.shut('lease-lost')
      events.emit('lease-lost', { nodeId: this.nodeId })
    })
  }

  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#warn(`${what} failed; trying again`, error)
    }
  }

  #warn(message: string, error: unknown): void {
    this.#o.events.emit('warning', { message, error })
  }
}
