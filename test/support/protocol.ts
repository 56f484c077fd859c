import type { ClusterOptions, FreezeOptions, FreezeTimings, Guarantee } from '@quiesce/core'
import type { HeldRun } from '../apps/held-run.ts'

/** How a node process of the tests is made. */
export interface NodeSettings {
  readonly url: string
  readonly guard: 'driver' | 'sqlite' | 'prisma' | 'typeorm' | 'flag'
  readonly cluster: Omit<ClusterOptions, 'database' | 'logger' | 'clock'>
  /** The control connections' URL when it is another one than the application's, e.g. through a proxy. */
  readonly coordinationUrl?: string
  readonly appPoolSize?: number
  /** How long a statement of the driver's guard waits between its admission and its sending, as for a busy pool. */
  readonly sendDelayMs?: number
  /** The application driver's time-out, which rejects while the statement runs on. */
  readonly appQueryTimeoutMs?: number
  /** Where the load and the locks write down what they do, for a process that may be killed. */
  readonly logs?: { readonly attempts: string; readonly grants: string }
  /** How far this process's wall clock is from the others'. */
  readonly clockOffsetMs?: number
}

/** What a load has done so far. */
export interface LoadReport {
  readonly acknowledged: readonly string[]
  readonly refused: number
  /** Writes that ended in an error which is no refusal. */
  readonly failed: readonly string[]
  readonly rolledBack: number
}

/** The calls that a node process answers. */
export interface NodeMethods {
  migrate(): Promise<void>
  start(): Promise<{ nodeId: string; mode: string }>
  state(): Promise<{ nodeId: string; mode: string; epoch: string | undefined }>
  /** How many heartbeats have been answered. */
  heartbeats(): Promise<number>
  freeze(
    options: Omit<FreezeOptions, 'signal' | 'expectedEnd'>,
  ): Promise<{ id: string; epoch: string; acks: number; lost: number; guarantee: Guarantee; timings: FreezeTimings }>
  thaw(): Promise<{ changed: boolean }>
  freezeSignal(): Promise<{ aborted: boolean; state: string }>
  assertHeld(): Promise<void>
  write(sql: string): Promise<void>
  openTransaction(sql: string): Promise<void>
  commitTransaction(sql?: string): Promise<void>
  /** Workers that write, with a rest after each write. */
  startLoad(workers: number, pauseMs?: number): Promise<void>
  stopLoad(): Promise<LoadReport>
  lock(name: string): Promise<{ token: string }>
  /** Takes, keeps and releases a lock over and over. */
  startLocking(name: string): Promise<void>
  /** Moves this process's wall clock. */
  shiftClock(ms: number): Promise<void>
  /** Keeps all connections of the application's pool busy. */
  occupyPool(ms: number): Promise<void>
  /** Takes a transaction lock and keeps it. */
  holdTransactionLock(name: string): Promise<void>
  /** Begins runs, each in a namespace of its own, that wait where they are told. */
  startRuns(runs: readonly HeldRun[]): Promise<void>
  /** Lets a run go on. */
  proceed(namespace: string): Promise<void>
  /** The namespaces of the runs that wait. */
  waitingRuns(): Promise<readonly string[]>
  /** How runs ended, by namespace: `done` or the error. */
  runOutcomes(): Promise<Readonly<Record<string, string>>>
  blockEventLoop(ms: number): Promise<void>
  close(): Promise<void>
}

/** A failure as it crosses the process border. */
export interface RemoteFailure {
  readonly name: string
  readonly message: string
  readonly kind?: string
}
