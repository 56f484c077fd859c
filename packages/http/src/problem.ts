import type { ReadOnlyError } from '@quiesce/core'
import type { AnswerOptions } from './http-options.ts'

/** The refusal as the fields of an RFC 9457 problem; those that are not known, or not for the public, are left out. */
export interface ReadOnlyProblem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: 'QUIESCE_READ_ONLY'
  readonly freezeId?: string | undefined
  readonly epoch?: string | undefined
  readonly since?: string | undefined
  readonly expectedEnd?: string | undefined
  /** In seconds. */
  readonly retryAfter?: number | undefined
  readonly reason?: string | undefined
  readonly operation?: string | undefined
  readonly table?: string | undefined
  readonly model?: string | undefined
}

type ProblemOptions = AnswerOptions & Required<Pick<AnswerOptions, 'expose' | 'retryAfterJitter'>>

/** Makes the problem of a refusal. */
export function problemOf(error: ReadOnlyError, options: ProblemOptions, nowMs: number): ReadOnlyProblem {
  const { freezeId, epoch, since, expectedEnd, reason, operation, table, model } = error
  return {
    type: 'urn:problem-type:quiesce:read-only',
    title: 'The service is read-only',
    status: statusOf(error, options.status),
    detail: messageOf(expectedEnd, options.message),
    code: 'QUIESCE_READ_ONLY',
    freezeId,
    epoch,
    since: since?.toISOString(),
    expectedEnd: expectedEnd?.toISOString(),
    retryAfter: expectedEnd === undefined ? undefined : secondsUntil(expectedEnd, nowMs, options.retryAfterJitter),
    ...(options.expose ? { reason, operation, table, model } : {}),
  }
}

/** What people read while the cluster is read-only. */
export function messageOf(expectedEnd: Date | undefined, message: AnswerOptions['message']): string {
  if (typeof message === 'string') return message
  if (message !== undefined) return message({ expectedEnd })
  const end = expectedEnd === undefined ? '' : ` Expected until ${expectedEnd.toISOString()}.`
  return `Nothing can be changed at the moment, for maintenance; reading works.${end}`
}

/** Never before the end, and never the same for all. */
function secondsUntil(end: Date, nowMs: number, jitter: number): number {
  const seconds = Math.max(1, (end.getTime() - nowMs) / 1000)
  return Math.ceil(seconds * (1 + jitter * Math.random()))
}

function statusOf(error: ReadOnlyError, status: AnswerOptions['status']): number {
  if (status === undefined) return error.status
  if (typeof status === 'number') return status
  if (status === 'auto') return error.because !== 'freeze' || error.expectedEnd !== undefined ? 503 : 403
  const chosen = status(error)
  return Number.isInteger(chosen) && chosen >= 400 && chosen <= 599 ? chosen : error.status
}
