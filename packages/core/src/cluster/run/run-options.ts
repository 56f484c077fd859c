import { z } from 'zod'
import type { RunOnHolderLost } from '../../domain/run.ts'
import { type FreezeOptions, type ResolvedFreezeOptions, resolveFreezeOptions } from '../freeze-options.ts'
import { lockName } from '../lock.ts'
import { configError, type Problem, problemsOf } from '../options.ts'
import type { RunCheck, RunHolder, RunStep } from './run.ts'

const ms = z.int().min(1).max(2_147_483_647)
const callable = z.custom<(...given: never[]) => unknown>((value) => typeof value === 'function', 'must be a function')

const stepSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  run: callable,
  undo: callable.optional(),
  idempotent: z.boolean().default(false),
  weight: z.number().positive().max(1e6).default(1),
  thawBefore: z.boolean().default(false),
  timeoutMs: ms.optional(),
})

const schema = z.strictObject({
  name: lockName,
  reason: z.string().trim().min(1).max(500),
  owner: z.string().trim().min(1).max(200).optional(),
  steps: z.array(stepSchema).min(1),
  protect: z.array(z.string().min(1)).default([]),
  verify: callable.optional(),
  rollback: callable.optional(),
  onHolderLost: z.enum(['resume', 'rollback', 'thaw']).default('thaw'),
  checks: z.array(z.strictObject({ name: z.string().min(1), check: callable })).default([]),
  force: z.strictObject({ reason: z.string().trim().min(1).max(500) }).optional(),
  limits: z.strictObject({ longTransactionMs: ms.default(60_000), replicationLagMs: ms.default(10_000) }).prefault({}),
  timeouts: z
    .strictObject({
      preflightMs: ms.default(30_000),
      lockMs: z.int().min(0).default(0),
      totalMs: ms.optional(),
      stopMs: ms.default(5000),
      rollbackMs: ms.default(600_000),
      takeoverMs: ms.default(300_000),
    })
    .prefault({}),
  freeze: z.record(z.string(), z.unknown()).default({}),
  signal: z.instanceof(AbortSignal).optional(),
})

/** What a maintenance run is asked for with. */
export interface RunOptions {
  /** Only one run of this name is at work at a time, in the whole cluster. */
  readonly name: string
  /** Why; shown in refusals, status and the audit trail. */
  readonly reason: string
  /** Who asks: a person or a job. Default: the node's host and pid. */
  readonly owner?: string
  /** The work, in this order. */
  readonly steps: readonly RunStep[]
  /** Tables whose content must be the same at the thaw as at the freeze, but for what their exemptions allow. Default: none. */
  readonly protect?: readonly string[]
  /** Called behind the steps, before the thaw; throwing undoes the run. `holder.compare()` compares a copy. */
  readonly verify?: (holder: RunHolder) => unknown
  /** Called behind the steps' own `undo`s when the run fails, with why. */
  readonly rollback?: (holder: RunHolder, cause: unknown) => unknown
  /**
   * When this process dies: `'thaw'` (default) gives the writes back within a lease; `'resume'` and `'rollback'` keep the
   * cluster read-only until another node that runs the same definition goes on or undoes, at most `timeouts.takeoverMs`.
   */
  readonly onHolderLost?: RunOnHolderLost
  /** Asked before anything is locked or frozen; each returns or throws what is wrong. */
  readonly checks?: readonly RunCheck[]
  /** Goes on in spite of what the preflight found; the reason is recorded. */
  readonly force?: { readonly reason: string }
  /** What the preflight calls too long. */
  readonly limits?: {
    /** Default 60 000. */
    readonly longTransactionMs?: number
    /** Default 10 000. */
    readonly replicationLagMs?: number
  }
  readonly timeouts?: {
    /** For the user's checks altogether. Default 30 000. */
    readonly preflightMs?: number
    /** How long to wait for another run of this name; joined when that one succeeds. Default 0: fail at once. */
    readonly lockMs?: number
    /** For everything up to the thaw; then the run is undone. It is the freeze's `maxFreezeMs` too, with `rollbackMs`. Default: none. */
    readonly totalMs?: number
    /** How long a step that was told to stop may take before it is left alone; what it sends then is refused. Default 5000. */
    readonly stopMs?: number
    /** For undoing. Default 600 000. */
    readonly rollbackMs?: number
    /** How long a lost holder's freeze waits for another node. Default 300 000. */
    readonly takeoverMs?: number
  }
  /** How the cluster is frozen. */
  readonly freeze?: Omit<FreezeOptions, 'reason' | 'owner' | 'kind' | 'onHolderLost' | 'signal'>
  /** Aborting cancels the run. */
  readonly signal?: AbortSignal
}

type Parsed = z.output<typeof schema>

/** A step with its defaults. */
export interface ResolvedStep extends RunStep {
  readonly weight: number
  readonly afterThaw: boolean
}

/** Checked options with every default filled in. */
export interface ResolvedRunOptions {
  readonly name: string
  readonly reason: string
  readonly owner: string | undefined
  readonly steps: readonly ResolvedStep[]
  readonly protect: readonly string[]
  readonly onHolderLost: RunOnHolderLost
  readonly checks: readonly RunCheck[]
  readonly force: RunOptions['force']
  readonly limits: { readonly longTransactionMs: number; readonly replicationLagMs: number }
  readonly timeouts: {
    readonly preflightMs: number
    readonly lockMs: number
    readonly totalMs: number | undefined
    readonly stopMs: number
    readonly rollbackMs: number
    readonly takeoverMs: number
  }
  readonly verify: RunOptions['verify']
  readonly rollback: RunOptions['rollback']
  readonly signal: AbortSignal | undefined
  readonly freeze: ResolvedFreezeOptions
}

/** @throws QuiesceError `QUIESCE_CONFIG` with all problems at once. */
export function resolveRunOptions(input: unknown): ResolvedRunOptions {
  const parsed = schema.safeParse(input)
  if (!parsed.success) throw configError('run()', problemsOf(parsed.error, input))
  const { data } = parsed
  const problems = [...stepProblems(data), ...ownedByRun(data.freeze)]
  if (problems.length > 0) throw configError('run()', problems)
  const { reason, owner, timeouts, onHolderLost } = data
  // The functions are passed through unchanged; what they take is in the types of RunOptions.
  const given = input as RunOptions
  const thawAt = data.steps.findIndex((step) => step.thawBefore)
  const steps = given.steps.map((step, index) => ({
    ...step,
    weight: data.steps[index]?.weight ?? 1,
    afterThaw: thawAt !== -1 && index >= thawAt,
  }))
  const end = timeouts.totalMs === undefined ? undefined : timeouts.totalMs + timeouts.rollbackMs + 2 * timeouts.stopMs
  const freeze = resolveFreezeOptions({
    ...(end === undefined ? {} : { maxFreezeMs: end }),
    ...data.freeze,
    reason,
    ...(owner === undefined ? {} : { owner }),
    kind: 'machine',
    onHolderLost: onHolderLost === 'thaw' ? 'thaw' : 'stay',
  })
  const { checks = [], verify, rollback, signal } = given
  const { name, protect, force, limits } = data
  const durations = { ...timeouts, totalMs: timeouts.totalMs }
  return {
    ...{ name, reason, owner, steps, protect, onHolderLost, checks, force, limits, timeouts: durations },
    ...{ verify, rollback, signal, freeze },
  }
}

function stepProblems({ steps, onHolderLost }: Parsed): readonly Problem[] {
  const problems: Problem[] = []
  const names = new Set<string>()
  for (const [index, { name, idempotent, thawBefore }] of steps.entries()) {
    const path = `steps.${index}`
    if (names.has(name))
      problems.push({ path: `${path}.name`, message: 'must be another one for each step', value: name })
    names.add(name)
    if (onHolderLost === 'resume' && !idempotent) {
      const message = "must be true where onHolderLost is 'resume': a step that was interrupted is run again"
      problems.push({ path: `${path}.idempotent`, message, value: String(idempotent) })
    }
    if (thawBefore && index === 0) {
      problems.push({
        path: `${path}.thawBefore`,
        message: 'must not be set on the first step: nothing would be frozen',
        value: 'true',
      })
    }
  }
  return problems
}

/** What the run decides itself. */
function ownedByRun(freeze: Readonly<Record<string, unknown>>): readonly Problem[] {
  return ['reason', 'owner', 'kind', 'onHolderLost', 'signal']
    .filter((name) => name in freeze)
    .map((name) => ({
      path: `freeze.${name}`,
      message: 'is set by the run; leave it out',
      value: String(freeze[name]),
    }))
}
