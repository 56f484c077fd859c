import { isQuiesceError, QuiesceError } from './errors.ts'

/** Why a node refuses writes. */
export type RefusalCause =
  /** At least one freeze is active. */
  | 'freeze'
  /** The transaction stayed open past the drain's deadline and is rolled back. */
  | 'drain-deadline'
  /** The node could not renew its lease, so it can no longer know the cluster's mode. */
  | 'lease-lost'
  /** The database's state went backwards, is damaged, or the database is another one (failover, restored backup). */
  | 'state-lost'
  /** The cluster object is closed. */
  | 'closed'

/** What was refused, in the user's own words where they are known. */
export interface RefusedWrite {
  readonly operation: string
  readonly table?: string | undefined
  readonly columns?: readonly string[] | undefined
  /** The ORM's name of the model or entity. */
  readonly model?: string | undefined
  /** The ORM's names of the refused fields. */
  readonly fields?: readonly string[] | undefined
  /** Where it stands in a nested write, e.g. `Collection.update > cards.update`. */
  readonly path?: string | undefined
  /** Why the statement was taken for a write when no table could be named. */
  readonly why?: string | undefined
}

/** The freeze (or failure) behind a refusal. */
export interface RefusalContext {
  readonly because: RefusalCause
  readonly epoch?: string | undefined
  readonly freezeId?: string | undefined
  readonly reason?: string | undefined
  readonly since?: Date | undefined
  readonly expectedEnd?: Date | undefined
  /** HTTP status that frameworks read from the error. */
  readonly status: number
  /** Seconds for the `Retry-After` header; left out when the end is not known. */
  readonly retryAfterSeconds?: number | undefined
}

/**
 * Thrown instead of sending a protected write while the cluster is read-only: nothing of it was or will be applied.
 *
 * It carries the fields that HTTP frameworks read from errors (`status`, `statusCode`, `headers`, `expose`,
 * `getResponse()`), so Express, Fastify, Koa and Hono answer correctly without an adapter: 403, or 503 with
 * `Retry-After` where `http.status` is `'auto'` and the freeze has an expected end. Recognise it with
 * {@link isReadOnlyError} or by `kind`.
 */
export class ReadOnlyError extends QuiesceError {
  readonly because: RefusalCause
  readonly operation: string
  readonly table: string | undefined
  readonly columns: readonly string[] | undefined
  readonly model: string | undefined
  readonly fields: readonly string[] | undefined
  readonly path: string | undefined
  readonly epoch: string | undefined
  readonly freezeId: string | undefined
  readonly reason: string | undefined
  readonly since: Date | undefined
  readonly expectedEnd: Date | undefined
  readonly status: number
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  /** False: tables and reasons are not for the public; frameworks that honour it send a generic text. */
  readonly expose: boolean

  constructor(write: RefusedWrite, context: RefusalContext, options?: ErrorOptions) {
    const { retryAfterSeconds } = context
    super('QUIESCE_READ_ONLY', messageOf(write, context), dataOf(write, context), options)
    this.name = 'ReadOnlyError'
    this.because = context.because
    this.operation = write.operation
    this.table = write.table
    this.columns = write.columns
    this.model = write.model
    this.fields = write.fields
    this.path = write.path
    this.epoch = context.epoch
    this.freezeId = context.freezeId
    this.reason = context.reason
    this.since = context.since
    this.expectedEnd = context.expectedEnd
    this.status = context.status
    this.statusCode = context.status
    this.headers = retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }
    this.expose = false
  }

  /** The refusal as a web-standard response (RFC 9457 problem details), as Hono asks errors for. */
  getResponse(): Response {
    const problem = { title: 'The service is read-only', status: this.status, code: this.kind }
    return new Response(JSON.stringify(problem), {
      status: this.status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...this.headers },
    })
  }
}

/** Tells whether `error` is a refused write, also when it came from another copy of the package. */
export function isReadOnlyError(error: unknown): error is ReadOnlyError {
  return isQuiesceError(error) && error.kind === 'QUIESCE_READ_ONLY'
}

/** Named one by one: to spread two objects costs more than the rest of the error, its stack included. */
function dataOf(write: RefusedWrite, context: RefusalContext): Readonly<Record<string, unknown>> {
  const { operation, table, columns, model, fields, path, why } = write
  const { because, epoch, freezeId, reason, since, expectedEnd, retryAfterSeconds } = context
  return {
    operation,
    table,
    columns,
    model,
    fields,
    path,
    why,
    because,
    epoch,
    freezeId,
    reason,
    since,
    expectedEnd,
    retryAfterSeconds,
  }
}

function messageOf(write: RefusedWrite, context: RefusalContext): string {
  return `Refused ${subjectOf(write)}: ${whyOf(context)}`
}

function subjectOf({ operation, table, columns, model, fields, path, why }: RefusedWrite): string {
  const target = model === undefined ? table : table === undefined ? model : `${model} (table ${table})`
  const names = fields ?? columns
  const what = target === undefined ? operation : `${operation} of ${target}`
  const detail = names === undefined || names.length === 0 ? '' : ` [${names.join(', ')}]`
  const where = path === undefined ? '' : ` via ${path}`
  return `${what}${detail}${where}${why === undefined ? '' : ` (${why})`}`
}

function whyOf({ because, freezeId, reason, since }: RefusalContext): string {
  switch (because) {
    case 'freeze': {
      const start = since === undefined ? '' : ` since ${since.toISOString()}`
      const id = freezeId === undefined ? '' : ` (freeze ${freezeId})`
      return `the cluster is read-only${start}: ${reason ?? 'no reason given'}${id}. Reads still work; retry after the freeze ends.`
    }
    case 'drain-deadline':
      return `its transaction was still open when the drain deadline of the freeze passed (${reason ?? freezeId ?? ''}), so it must be rolled back. Roll it back and retry after the freeze ends.`
    case 'lease-lost':
      return 'this node lost its lease and cannot know whether the cluster is read-only. It resumes by itself when the coordination database answers again.'
    case 'state-lost':
      return "the cluster's state in the database went backwards, is damaged, or belongs to another database. The nodes resume after the state is re-established; see the state-lost event."
    case 'closed':
      return 'the cluster object of this process is closed. Send writes before close(), or start a new cluster.'
  }
}
