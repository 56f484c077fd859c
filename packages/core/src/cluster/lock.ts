import { randomUUID } from 'node:crypto'
import pRetry from 'p-retry'
import { z } from 'zod'
import { type Clock, momentOf } from '../domain/clock.ts'
import { QuiesceError } from '../domain/errors.ts'
import type { LockRecord } from '../domain/lock-record.ts'
import type { CoordinationStore, LockAttempt } from '../domain/store.ts'
import { type Holding, type HoldState, startHolding } from './holding.ts'
import type { LockWatch } from './lock-watch.ts'
import { configError, problemsOf, type ResolvedOptions } from './options.ts'
import { sleep, throwIfAborted } from './sleep.ts'

const ms = z.int().min(1).max(2_147_483_647)
/** Names that every dialect can keep apart byte by byte. */
export const lockName: z.ZodType<string> = z
  .string()
  .min(1)
  .refine((value) => Buffer.byteLength(value) <= 500, 'must not be longer than 500 bytes')
  .refine((value) => !value.includes('\0') && !/\p{Surrogate}/u.test(value), 'must be well-formed Unicode without NUL')

const requestSchema = z.strictObject({
  name: lockName,
  leaseMs: ms.optional(),
  retries: z.int().min(0).optional(),
  owner: z.string().min(1).max(200).optional(),
  signal: z.instanceof(AbortSignal).optional(),
})

/** How a lock is asked for. */
export interface LockOptions {
  /** How long the lock survives its holder's death. Default `lock.leaseMs` (15 000). */
  readonly leaseMs?: number
  /** Attempts after the first. Default `lock.retries` (5). */
  readonly retries?: number
  /** What the holder calls itself. Default: host and pid. */
  readonly owner?: string
  /** Aborting ends the wait. */
  readonly signal?: AbortSignal
}

/** A lock that this process holds; it renews itself. */
export interface Lock {
  readonly name: string
  /** Only grows; give it to what the lock protects, so that it can refuse an older holder. */
  readonly token: string
  /** The node whose lease on it had run out, so that its work may be half done; `undefined` when it was free. */
  readonly takenOverFrom: string | undefined
  readonly state: HoldState
  /** Aborts when the lock is not certain any more: stop the work. */
  readonly signal: AbortSignal
  /** Asks the database. @throws QuiesceError `QUIESCE_LEASE_LOST` when it is not held any more. */
  assertHeld(): Promise<void>
  /** Gives it back; false when it had been lost before. Idempotent. */
  release(): Promise<boolean>
}

/** What locks are made of. */
export interface LockerOptions {
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly settings: ResolvedOptions['lock']
  readonly nodeId: () => string
  readonly owner: string
  readonly watch: LockWatch
}

/** Takes and releases the locks of one process. */
export interface Locker {
  lock(name: string, options?: LockOptions): Promise<Lock>
  releaseOwn(): Promise<void>
}

/** Makes the locker of one process. */
export function createLocker(context: LockerOptions): Locker {
  const held = new Set<Lock>()
  return {
    async lock(name, options = {}) {
      const lock = await context.watch.taking(name, (onReleased) =>
        take(context, name, options, () => {
          held.delete(lock)
          onReleased()
        }),
      )
      held.add(lock)
      return lock
    },
    async releaseOwn() {
      await Promise.allSettled([...held].map((lock) => lock.release()))
    },
  }
}

type Granted = Extract<LockAttempt, { readonly acquired: true }>

class StillHeld extends Error {
  readonly held: LockRecord | undefined
  constructor(held: LockRecord | undefined) {
    super('held')
    this.held = held
  }
}

async function take(context: LockerOptions, name: string, options: LockOptions, onReleased: () => void): Promise<Lock> {
  const parsed = requestSchema.safeParse({ ...options, name })
  if (!parsed.success) throw configError('lock()', problemsOf(parsed.error, { ...options, name }))
  const { store, clock, settings, nodeId } = context
  const leaseMs = options.leaseMs ?? settings.leaseMs
  const nonce = randomUUID()
  const attempt = async (): Promise<Lock> => {
    throwIfAborted(options.signal)
    const sentAt = momentOf(clock)
    const owner = options.owner ?? context.owner
    const { statementTimeoutMs } = settings
    const answer = await store.acquireLock({ name, nonce, holder: nodeId(), owner, leaseMs, statementTimeoutMs })
    if (!answer.acquired) throw new StillHeld(answer.held)
    const renew = async (): Promise<number | undefined> =>
      (await store.renewLock(name, nonce, leaseMs)) ? leaseMs : undefined
    const holding = startHolding({ clock, leaseMs, what: `lock ${JSON.stringify(name)}`, renew }, sentAt)
    // A lease that was computed before a wait is half spent when it is granted.
    if (clock.monotonicMs() - sentAt.monotonicMs > leaseMs / 10) await renewOrGiveUp(store, name, nonce, holding)
    return heldLock(store, name, answer, nonce, holding, onReleased)
  }
  const startedAtMs = clock.monotonicMs()
  try {
    return await pRetry(attempt, retryOptions(context, options))
  } catch (error) {
    throwIfAborted(options.signal)
    if (!(error instanceof StillHeld)) throw error
    throw lockHeld(name, error.held, clock.monotonicMs() - startedAtMs)
  }
}

/** A lock that nobody was given must not renew itself. */
async function renewOrGiveUp(store: CoordinationStore, name: string, nonce: string, holding: Holding): Promise<void> {
  let held = false
  try {
    held = await holding.renew()
  } finally {
    if (!held) {
      holding.release()
      await store.releaseLock(name, nonce).catch(() => {})
    }
  }
  if (!held) throw new StillHeld(undefined)
}

/** Exponential backoff by p-retry, with our jitter: each pause is spread by ± the configured share. */
function retryOptions(
  { clock, settings }: LockerOptions,
  { retries, signal }: LockOptions,
): Parameters<typeof pRetry>[1] {
  const { jitter, retryIntervalMs, maxRetryIntervalMs } = settings
  const shorter = 1 - jitter
  return {
    retries: retries ?? settings.retries,
    minTimeout: retryIntervalMs * shorter,
    maxTimeout: maxRetryIntervalMs * shorter,
    factor: 2,
    ...(signal === undefined ? {} : { signal }),
    shouldRetry: ({ error }) => error instanceof StillHeld,
    onFailedAttempt: ({ error, retriesLeft }) => {
      if (!(error instanceof StillHeld) || retriesLeft === 0) return undefined
      return sleep(clock, Math.random() * 2 * jitter * retryIntervalMs, signal)
    },
  }
}

function heldLock(
  store: CoordinationStore,
  name: string,
  { token, takenOverFrom }: Granted,
  nonce: string,
  holding: Holding,
  onReleased: () => void,
): Lock {
  let released: Promise<boolean> | undefined
  const release = async (): Promise<boolean> => {
    holding.release()
    onReleased()
    return store.releaseLock(name, nonce)
  }
  return {
    name,
    token,
    takenOverFrom,
    get state() {
      return holding.state
    },
    signal: holding.signal,
    async assertHeld() {
      if (await holding.renew()) return
      throw new QuiesceError(
        'QUIESCE_LEASE_LOST',
        `The lock ${JSON.stringify(name)} (token ${token}) is not held any more. Stop the work that relies on it.`,
        { name, token },
      )
    },
    release() {
      released ??= release().catch((error: unknown) => {
        released = undefined
        throw error
      })
      return released
    },
  }
}

function lockHeld(name: string, held: LockRecord | undefined, waitedMs: number): QuiesceError {
  const who =
    held?.holder === undefined
      ? 'another process'
      : `${held.owner} (node ${held.holder}) for ${Math.round(held.heldForMs ?? 0)} ms`
  const lease =
    held?.leaseRemainingMs === undefined
      ? ''
      : `; its lease has ${Math.round(held.leaseRemainingMs)} ms left unless it renews`
  return new QuiesceError(
    'QUIESCE_LOCK_HELD',
    `The lock ${JSON.stringify(name)} is held by ${who}${lease}. Waited ${Math.round(waitedMs)} ms; try again later.`,
    { name, waitedMs, ...held },
  )
}
