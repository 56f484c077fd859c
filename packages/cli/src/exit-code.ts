import type { ErrorKind } from '@quiesce/core'

/** The command's own exit codes, after `sysexits.h` and `timeout(1)`; those of a child are passed on by `quiesce run`. */
export const EXIT = {
  ok: 0,
  /** `doctor` found problems; a verification failed. */
  problems: 1,
  /** `status --exit-code`: draining or read-only. */
  frozen: 3,
  /** `status --exit-code`: the state must not be believed. */
  unknown: 4,
  /** Wrong flags, environment or configuration. */
  usage: 64,
  /** The database cannot be used: unreachable, a standby, tables missing. */
  unavailable: 69,
  /** A defect. */
  internal: 70,
  /** Somebody is in the way: lock held, nodes or writes that do not end, preflight. Nothing was changed; try again. */
  tryAgain: 75,
  /** The freeze or lock was lost while the work went on, or somebody cancelled the run. */
  lost: 76,
  /** Somebody else's freeze or lock, and no force. */
  notHolder: 77,
  /** The time that was given is over. */
  timeout: 124,
  notExecutable: 126,
  notFound: 127,
} as const

const codes: Readonly<Partial<Record<ErrorKind, number>>> = {
  QUIESCE_CONFIG: EXIT.usage,
  QUIESCE_DATABASE: EXIT.unavailable,
  QUIESCE_SCHEMA: EXIT.unavailable,
  QUIESCE_STATE_LOST: EXIT.unavailable,
  QUIESCE_LOCK_HELD: EXIT.tryAgain,
  QUIESCE_ACK_TIMEOUT: EXIT.tryAgain,
  QUIESCE_DRAIN_TIMEOUT: EXIT.tryAgain,
  QUIESCE_CONTENDED: EXIT.tryAgain,
  QUIESCE_FENCE: EXIT.unavailable,
  QUIESCE_FREEZE_ENDED: EXIT.lost,
  QUIESCE_LEASE_LOST: EXIT.lost,
  QUIESCE_PREFLIGHT: EXIT.tryAgain,
  QUIESCE_RUN_CANCELLED: EXIT.lost,
  QUIESCE_RUN_TIMEOUT: EXIT.timeout,
  QUIESCE_VERIFY: EXIT.problems,
  QUIESCE_NOT_HOLDER: EXIT.notHolder,
}

/** The exit code for a kind of error. */
export function exitCodeOf(kind: ErrorKind): number {
  return codes[kind] ?? EXIT.internal
}
