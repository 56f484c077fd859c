import { QuiesceError } from '../domain/errors.ts'
import type { Subscription } from '../domain/executor.ts'
import type { LockRecord } from '../domain/lock-record.ts'
import type { Parts } from './assemble.ts'
import type { Cluster, ClusterState, ReleaseLocks, ThawOptions } from './cluster.ts'
import { ClusterReader } from './cluster-reader.ts'
import type { ClusterEvents } from './events.ts'
import type { Freeze, ThawResult } from './freeze.ts'
import { type FreezeOptions, resolveFreezeOptions } from './freeze-options.ts'
import { closedError, schemaError } from './lifecycle-errors.ts'
import type { Lock, LockOptions } from './lock.ts'
import { lockSelection } from './lock-selection.ts'
import type { RunInfo, RunResult } from './run/run.ts'
import type { RunOptions } from './run/run-options.ts'
import { sleep } from './sleep.ts'
import { stayAliveFor } from './stay-alive.ts'
import { type TransactionLockOptions, withTransactionLock } from './transaction-lock.ts'
import { unknownNames } from './unknown-names.ts'

const CLOSE_LOOK_MS = 50

/** The cluster of one process: starts, stops and hands out its parts. */
export class ProcessCluster extends ClusterReader implements Cluster {
  readonly #parts: Parts
  #starting: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #hints: Subscription | undefined

  constructor(parts: Parts) {
    super(parts)
    this.#parts = parts
    parts.demand.join = () => this.start()
  }

  migrate(): Promise<void> {
    return this.#parts.store.migrate()
  }

  start(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(closedError())
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined
      throw error
    })
    return this.#starting
  }

  close(): Promise<void> {
    this.#closing ??= stayAliveFor(this.#parts.clock, () => this.#close())
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async freeze(options: FreezeOptions): Promise<Freeze> {
    const resolved = resolveFreezeOptions(options)
    await this.start()
    return this.#parts.freezer.freeze(resolved, this.#parts.owner)
  }

  async thaw(id: string, options: ThawOptions = {}): Promise<ThawResult> {
    const { store, follower, freezer } = this.#parts
    const freeze = (await store.read()).freezes.find((active) => active.id === id)
    if (freeze === undefined) return { changed: false }
    const own = freeze.kind === 'operator' && options.owner === freeze.owner
    if (!own && (options.force !== true || !options.reason)) {
      throw new QuiesceError(
        'QUIESCE_NOT_HOLDER',
        `The freeze ${id} belongs to ${freeze.owner} (${freeze.kind}: ${freeze.reason}). Thawing it breaks their work. Pass the owner that it was made with, or force: true and a reason, which is recorded.`,
        { freezeId: id, owner: freeze.owner, kind: freeze.kind },
      )
    }
    const note = [options.owner, options.reason].filter(Boolean).join(': ')
    return freezer.end({ id, by: follower.nodeId, why: own ? 'thawed' : 'forced', note })
  }

  lock(name: string, options?: LockOptions): Promise<Lock> {
    return this.#parts.locker.lock(name, options)
  }

  async withLock<T>(name: string, fn: (lock: Lock) => T | Promise<T>, options?: LockOptions): Promise<T> {
    const lock = await this.lock(name, options)
    try {
      return await fn(lock)
    } finally {
      // What the work gave or threw counts; a lock that could not be given back runs out.
      await lock
        .release()
        .catch((error: unknown) => this.#parts.logger.warn({ err: error, lock: name }, 'could not release'))
    }
  }

  withTransactionLock<T>(
    name: string,
    fn: (lost: AbortSignal) => T | Promise<T>,
    options: TransactionLockOptions = {},
  ): Promise<T> {
    const { store, options: defaults } = this.#parts
    return withTransactionLock(store, name, fn, { wait: defaults.lock.statementTimeoutMs, ...options })
  }

  locks(): Promise<readonly LockRecord[]> {
    return this.#parts.store.locks()
  }

  releaseLocks(which: ReleaseLocks): Promise<readonly LockRecord[]> {
    const { store, follower } = this.#parts
    return store.releaseLocks(lockSelection(which, follower.nodeId), follower.nodeId)
  }

  run(options: RunOptions): Promise<RunResult> {
    const { runner, operations } = this.#parts
    const data = { name: options?.name, reason: options?.reason }
    return operations.perform('run', data, () => runner.run(options, () => this.start()))
  }

  runs(limit = 100): Promise<readonly RunInfo[]> {
    return this.#parts.runner.list(limit)
  }

  cancelRun(id: string, reason: string): Promise<boolean> {
    return this.#parts.runner.cancel(id, reason)
  }

  get state(): ClusterState {
    const { gate, follower, wouldRefuse } = this.#parts
    const { snapshot, nodeId } = follower
    const freezes = (snapshot?.freezes ?? []).map(({ id, kind, reason, owner, since, expectedEnd }) => ({
      id,
      kind,
      reason,
      owner,
      since,
      expectedEnd,
    }))
    const { mode, enforces } = gate
    return {
      mode,
      health: mode === 'starting' || mode === 'closed' ? mode : follower.health,
      enforcement: enforces ? 'enforce' : 'report',
      nodeId,
      epoch: snapshot?.token.epoch,
      freezes,
      inFlight: gate.drain().inFlight,
      wouldRefuse: wouldRefuse.counts(),
    }
  }

  assertWritable(what: string): void {
    this.#parts.gate.check({ operation: what })
  }

  on<K extends keyof ClusterEvents>(name: K, listener: (event: ClusterEvents[K]) => void): () => void {
    return this.#parts.events.on(name, listener)
  }

  async #start(): Promise<void> {
    const { store, follower, options, learnGrammar } = this.#parts
    const { found, known } = await store.schemaVersion()
    if (found !== known) throw schemaError(found, known)
    await learnGrammar()
    await store.ensureCluster()
    await follower.join()
    if (options.listen) this.#hints = await store.listen?.(() => follower.hint())
    await this.#warn()
  }

  /** What weakens the promise on this server, for the log and for listeners. */
  async #warn(): Promise<void> {
    const { store, events, options, defaultSchema } = this.#parts
    // A server that cannot say it just now keeps nobody from starting.
    const unknown = (error: unknown) => [`what weakens the promise on this server could not be asked: ${error}`]
    const ofServer = (await store.warnings?.().catch(unknown)) ?? []
    const ofNames = await unknownNames(store, options, defaultSchema).catch(unknown)
    for (const message of [...ofServer, ...ofNames]) events.emit('warning', { message, error: undefined })
  }

  /** Undrained writes keep the node's row, so that a freeze waits its lease out instead of trusting it. */
  async #close(): Promise<void> {
    const { gate, follower, freezer, locker, runner, alerts, fences, store } = this.#parts
    await this.#starting?.catch(() => {})
    await runner.cancelOwn()
    await this.#unlessCutOff(Promise.allSettled([freezer.thawOwn(), locker.releaseOwn()]))
    gate.close(this.#parts.options.closeTimeoutMs)
    const drained = await this.#drained()
    await this.#unlessCutOff(Promise.all([this.#hints?.close(), follower.stop()]))
    if (drained)
      await this.#unlessCutOff(
        follower
          .leave()
          .catch((error: unknown) => this.#parts.logger.warn({ err: error }, 'could not leave the cluster')),
      )
    fences.janitor?.close()
    await fences.lowering?.close()
    alerts.close()
    await store.close()
  }

  /** Waits for what the database is told; not for long when it does not answer: leases end what it was not told. */
  async #unlessCutOff(telling: Promise<unknown>): Promise<void> {
    const { clock, options, follower } = this.#parts
    const until = clock.monotonicMs() + options.closeTimeoutMs
    let isTold = false
    const told = telling
      .catch(() => {})
      .then(() => {
        isTold = true
      })
    while (!isTold && (follower.health === 'ok' || clock.monotonicMs() < until)) {
      await Promise.race([told, sleep(clock, CLOSE_LOOK_MS)])
    }
  }

  async #drained(): Promise<boolean> {
    const { gate, clock, options, follower } = this.#parts
    const until = clock.monotonicMs() + options.closeTimeoutMs
    while (clock.monotonicMs() < until) {
      const { inFlight, unknown } = gate.drain()
      if (inFlight + unknown === 0) return true
      if (unknown > 0) follower.hint()
      await sleep(clock, CLOSE_LOOK_MS)
    }
    return false
  }
}
