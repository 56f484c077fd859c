import { inspect } from 'node:util'
import { z } from 'zod'
import { acceptedDatabases, chooseDialect } from '../dialects/choose-dialect.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Clock } from '../domain/clock.ts'
import { QuiesceError } from '../domain/errors.ts'
import type { Exemptions, SkipRules } from '../domain/exemption.ts'
import { CLOCK_RATE_MARGIN } from '../domain/lease.ts'
import type { Logger } from '../domain/logger.ts'
import type { QuartzTable } from '../domain/members.ts'
import type { Enforcement } from '../domain/node-record.ts'
import type { AlertOptions } from './alert.ts'

const ms = z.int().min(1).max(2_147_483_647)
const identifier = z.string().min(1)
const columns = z.array(identifier).min(1)
const operations = {
  insert: z.boolean().optional(),
  update: z.union([z.boolean(), columns]).optional(),
  delete: z.boolean().optional(),
}
const rule = z.union([z.literal(true), columns, z.strictObject({ ...operations, truncate: z.boolean().optional() })])
const skipRule = z.union([z.literal(true), columns, z.strictObject(operations)])

/** The tables and columns that may still be written while the cluster is read-only. */
export const exemptionsSchema: z.ZodType<Exemptions> = z.record(identifier, rule)

const lockSchema = z.strictObject({
  leaseMs: ms.default(15_000),
  statementTimeoutMs: ms.default(1000),
  retries: z.int().min(0).max(1_000_000).default(5),
  retryIntervalMs: ms.default(1000),
  maxRetryIntervalMs: ms.default(1000),
  jitter: z.number().min(0).max(1).default(0.1),
})

const sqlSchema = z.strictObject({
  functions: z
    .strictObject({ harmless: z.array(identifier).default([]), effectful: z.array(identifier).default([]) })
    .prefault({}),
  strict: z.boolean().default(false),
})

const detectSchema = z.strictObject({
  quartz: z.strictObject({ schema: identifier.optional(), prefix: z.string().max(40).default('QRTZ_') }).optional(),
  applications: z.array(identifier).min(1).optional(),
})

const alertsSchema = z.strictObject({
  webhook: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string(), z.string()).optional(),
  retries: z.int().min(0).max(20).default(4),
  timeoutMs: ms.default(5000),
})

const optionsSchema = z.strictObject({
  database: z.custom<unknown>((value) => chooseDialect(value) !== undefined, `must be ${acceptedDatabases}`),
  namespace: z.string().default('default'),
  schema: z.string().optional(),
  tablePrefix: z.string().default('quiesce_'),
  exempt: exemptionsSchema.default({}),
  skip: z.record(identifier, skipRule).default({}),
  belt: z.union([z.literal('session'), z.literal(false)]).default(false),
  enforcement: z.enum(['enforce', 'report']).default('enforce'),
  sql: sqlSchema.prefault({}),
  defaultSchema: identifier.optional(),
  application: z.string().max(40).default('app'),
  http: z.strictObject({ status: z.union([z.literal('auto'), z.int().min(400).max(599)]).default(403) }).prefault({}),
  pollIntervalMs: ms.default(2000),
  fastPollIntervalMs: ms.default(250),
  nodeLeaseMs: ms.default(8000),
  freezeLeaseMs: ms.default(15_000),
  lockDelayMs: z.int().min(0).max(600_000).default(500),
  writeBoundMs: ms.default(5000),
  closeTimeoutMs: ms.default(10_000),
  connectionTimeoutMs: ms.default(30_000),
  statementTimeoutMs: ms.default(3000),
  poolSize: z.int().min(1).max(20).default(2),
  listen: z.boolean().default(true),
  synchronousCommit: z.enum(['on', 'remote_apply']).default('on'),
  alerts: alertsSchema.optional(),
  escalateAfterMs: ms.default(30_000),
  lock: lockSchema.prefault({}),
  detect: detectSchema.prefault({}),
  logger: z.custom<Logger>((value) => isLogger(value), 'must have debug, info, warn and error').optional(),
  clock: z.custom<Clock>().optional(),
})

type Parsed = z.output<typeof optionsSchema>

/** Checked options with every default filled in. */
export interface ResolvedOptions {
  readonly database: unknown
  readonly namespace: string
  /** `undefined`: the connection's own database, where that is the dialect's default. */
  readonly schema: string | undefined
  readonly tablePrefix: string
  readonly exempt: Exemptions
  readonly skip: SkipRules
  readonly belt: 'session' | false
  readonly enforcement: Enforcement
  readonly sql: {
    readonly functions: { readonly harmless: readonly string[]; readonly effectful: readonly string[] }
    readonly strict: boolean
  }
  readonly defaultSchema?: string | undefined
  readonly application: string
  readonly http: { readonly status: number | 'auto' }
  readonly pollIntervalMs: number
  readonly fastPollIntervalMs: number
  readonly nodeLeaseMs: number
  readonly freezeLeaseMs: number
  readonly lockDelayMs: number
  readonly writeBoundMs: number
  readonly closeTimeoutMs: number
  readonly connectionTimeoutMs: number
  readonly statementTimeoutMs: number
  readonly poolSize: number
  readonly listen: boolean
  readonly synchronousCommit: 'on' | 'remote_apply'
  readonly alerts?: AlertOptions | undefined
  readonly escalateAfterMs: number
  readonly lock: LockSettings
  readonly detect: {
    readonly quartz?: QuartzTable | undefined
    readonly applications?: readonly string[] | undefined
  }
  readonly logger?: Logger | undefined
  readonly clock?: Clock | undefined
}

/** How locks are taken when the caller says nothing else. */
export interface LockSettings {
  readonly leaseMs: number
  readonly statementTimeoutMs: number
  readonly retries: number
  readonly retryIntervalMs: number
  readonly maxRetryIntervalMs: number
  readonly jitter: number
}

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Where it stands, e.g. `lock.retries`. */
  readonly path: string
  readonly message: string
  /** What was seen there; only its type for secrets. */
  readonly value: string
}

/**
 * Checks options and fills in the defaults; without I/O.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` with all problems at once in `data.problems`.
 */
export function resolveOptions(input: unknown, dialect: Dialect): ResolvedOptions {
  const parsed = optionsSchema.safeParse(input)
  if (!parsed.success) throw configError('createCluster()', problemsOf(parsed.error, input))
  const options = { ...parsed.data, schema: parsed.data.schema ?? dialect.defaultCoordinationSchema }
  const problems = [...checkDurations(options), ...checkNames(options, dialect), ...checkBelt(options, dialect)]
  if (problems.length > 0) throw configError('createCluster()', problems)
  return Object.freeze(options)
}

/** The problems that zod found, each with its path and the value seen. */
export function problemsOf(error: z.ZodError, input: unknown): readonly Problem[] {
  return error.issues.map(({ path, message }) => {
    const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], input)
    // The whole input holds secrets too: of an unknown option only its name is shown, which the message has.
    const secret = path[0] === 'database' || path.length === 0
    return {
      path: path.join('.') || '(options)',
      message,
      value: secret ? typeof value : inspect(value, { depth: 1, breakLength: Infinity }).slice(0, 80),
    }
  })
}

/** One error that lists all problems. */
export function configError(of: string, problems: readonly Problem[]): QuiesceError {
  const list = problems.map(({ path, message, value }) => `\n- ${path}: ${message}; got ${value}`).join('')
  return new QuiesceError('QUIESCE_CONFIG', `The options of ${of} have ${problems.length} problem(s):${list}`, {
    problems,
  })
}

/** Leases must outlive missed heartbeats, and a holder's lease must outlive the nodes that it waits out. */
function checkDurations(o: Parsed): readonly Problem[] {
  const problems: Problem[] = []
  const demand = (holds: boolean, path: string, value: number, message: string): void => {
    if (!holds) problems.push({ path, message, value: String(value) })
  }
  const silence = o.nodeLeaseMs * (1 + CLOCK_RATE_MARGIN) + o.writeBoundMs
  demand(
    3 * o.pollIntervalMs <= o.nodeLeaseMs,
    'nodeLeaseMs',
    o.nodeLeaseMs,
    `must be at least 3 × pollIntervalMs (${3 * o.pollIntervalMs})`,
  )
  demand(
    silence <= o.freezeLeaseMs,
    'freezeLeaseMs',
    o.freezeLeaseMs,
    `must be at least nodeLeaseMs + 5 % + writeBoundMs (${Math.ceil(silence)})`,
  )
  demand(
    o.statementTimeoutMs < o.nodeLeaseMs,
    'statementTimeoutMs',
    o.statementTimeoutMs,
    `must be less than nodeLeaseMs (${o.nodeLeaseMs})`,
  )
  demand(
    o.fastPollIntervalMs <= o.pollIntervalMs,
    'fastPollIntervalMs',
    o.fastPollIntervalMs,
    `must not exceed pollIntervalMs (${o.pollIntervalMs})`,
  )
  demand(
    o.lock.retryIntervalMs <= o.lock.maxRetryIntervalMs,
    'lock.retryIntervalMs',
    o.lock.retryIntervalMs,
    `must not exceed lock.maxRetryIntervalMs (${o.lock.maxRetryIntervalMs})`,
  )
  return problems
}

function checkBelt({ belt }: ResolvedOptions, dialect: Dialect): readonly Problem[] {
  if (belt === false || dialect.belt !== undefined) return []
  return [{ path: 'belt', message: `cannot be worn by connections of ${dialect.name}`, value: belt }]
}

function checkNames({ namespace, schema, tablePrefix }: ResolvedOptions, dialect: Dialect): readonly Problem[] {
  const problems = dialect.checkNames({ namespace, location: { schema, tablePrefix } })
  return problems.map((message) => ({
    path: message.split(' ')[0] ?? '',
    message,
    value: inspect({ namespace, schema, tablePrefix }).slice(0, 120),
  }))
}

function isLogger(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ['debug', 'info', 'warn', 'error'].every((level) => typeof Reflect.get(value, level) === 'function')
}
