import { configError, type Problem, problemsOf } from '@quiesce/core/adapter'
import { z } from 'zod'
import type { AnswerOptions, HttpOptions } from './http-options.ts'
import { answerShape } from './options-schema.ts'

/** How the operations of a protocol on top of HTTP (GraphQL, tRPC) are judged, and refusals answered. */
export interface OperationOptions extends Omit<AnswerOptions, 'page'>, Pick<HttpOptions, 'reportOnly'> {
  /**
   * Operations that write and may: in GraphQL the fields of `Mutation` (a mutation passes when all of its fields are
   * listed), in tRPC the paths of procedures (`auth.login`). What they write still meets the guard.
   */
  readonly allow?: readonly string[]
}

/** The options of an operation shell, as the interception takes them, and the names that may write. */
export interface ResolvedOperationOptions {
  readonly http: HttpOptions<never>
  readonly allowed: ReadonlySet<string>
}

/**
 * Checks the options of a shell that judges operations; `more` are fields that only this shell has.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` with all problems at once in `data.problems`.
 */
export function resolveOperationOptions(
  of: string,
  input: OperationOptions,
  more: z.ZodRawShape = {},
): ResolvedOperationOptions {
  const { page: _page, ...shape } = answerShape
  const schema = z.strictObject({ ...shape, allow: z.array(z.string().min(1)).default([]), ...more })
  const parsed = schema.safeParse(input)
  const problems: readonly Problem[] = parsed.success ? [] : problemsOf(parsed.error, input)
  if (problems.length > 0) throw configError(of, problems)
  const own = new Set(['allow', ...Object.keys(more)])
  return {
    http: Object.fromEntries(Object.entries(input).filter(([name]) => !own.has(name))),
    allowed: new Set(input.allow),
  }
}
