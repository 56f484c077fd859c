import type { ReadOnlyError } from '@quiesce/core'
import { fromCallback } from './callback.ts'
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
    status: statusOf(error, options),
    detail: messageOf(expectedEnd, options),
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
export function messageOf(
  expectedEnd: Date | undefined,
  { message, logger }: Pick<AnswerOptions, 'message' | 'logger'>,
): string {
  if (typeof message === 'string') return message
  const end = expectedEnd === undefined ? '' : ` Expected until ${expectedEnd.toISOString()}.`
  const text = `Nothing can be changed at the moment, for maintenance; reading works.${end}`
  if (message === undefined) return text
  return fromCallback('message', () => message({ expectedEnd }), isText, text, logger)
}

/** Whether a callback gave a text, as it should have. */
export function isText(value: unknown): boolean {
  return typeof value === 'string'
}

/** Never before the end, and never the same for all. */
function secondsUntil(end: Date, nowMs: number, jitter: number): number {
  const seconds = Math.max(1, (end.getTime() - nowMs) / 1000)
  return Math.ceil(seconds * (1 + jitter * Math.random()))
}

function statusOf(error: ReadOnlyError, { status, logger }: AnswerOptions): number {
  if (status === undefined) return error.status
  if (typeof status === 'number') return status
  if (status === 'auto') return error.because !== 'freeze' || error.expectedEnd !== undefined ? 503 : 403
  return fromCallback('status', () => status(error), isErrorStatus, error.status, logger)
}

function isErrorStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 400 && status <= 599
}
