import { configError, problemsOf } from '@quiesce/core/adapter'
import { z } from 'zod'
import type { AnswerOptions } from './http-options.ts'
import { loggerSchema } from './options-schema.ts'

/** How the state is served. */
export interface StateOptions extends Pick<AnswerOptions, 'message' | 'expose' | 'logger'> {
  /** Where the routes are, below the place where they are mounted. Default `/quiesce`. */
  readonly basePath?: string
  /** How often an open stream says that it is alive. Default 15 000. */
  readonly heartbeatMs?: number
  /** How many streams one process keeps open; more are answered with 503. Default 1000. */
  readonly maxStreams?: number
  /**
   * What readiness answers while the node cannot vouch for the mode (it lost its lease, or the state). Default 200: with
   * the coordination database down every node would stop being ready, and reads would die with the writes.
   */
  readonly readyWithoutLease?: 200 | 503
  /** Ends all streams, as `cluster.close()` does. */
  readonly signal?: AbortSignal
}

const ms = z.int().min(1).max(2_147_483_647)

const schema = z.strictObject({
  basePath: z
    .string()
    .regex(/^(\/[\w.~-]+)*$/, 'must be empty or a plain path without a slash at its end')
    .default('/quiesce'),
  heartbeatMs: ms.default(15_000),
  maxStreams: z.int().min(0).default(1000),
  readyWithoutLease: z.union([z.literal(200), z.literal(503)]).default(200),
  signal: z.instanceof(AbortSignal).optional(),
  message: z.union([z.string().min(1), z.custom<() => string>((value) => typeof value === 'function')]).optional(),
  expose: z.boolean().default(false),
  logger: loggerSchema.optional(),
})

/** Checked options with every default filled in. */
export type ResolvedStateOptions = StateOptions & Required<Omit<StateOptions, 'signal' | 'message' | 'logger'>>

/** @throws QuiesceError `QUIESCE_CONFIG` with all problems at once in `data.problems`. */
export function resolveStateOptions(input: StateOptions): ResolvedStateOptions {
  const parsed = schema.safeParse(input)
  if (!parsed.success) throw configError('readOnlyState()', problemsOf(parsed.error, input))
  // The schema has the same shape; functions pass through it as they are.
  return parsed.data as unknown as ResolvedStateOptions
}
