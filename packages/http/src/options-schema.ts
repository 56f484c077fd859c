import type { Logger } from '@quiesce/core'
import { configError, exemptionsSchema, type Problem, problemsOf } from '@quiesce/core/adapter'
import { parse } from 'path-to-regexp'
import { z } from 'zod'
import type { HttpOptions } from './http-options.ts'

const callable = z.custom<(...parameters: never[]) => unknown>((value) => typeof value === 'function')
const method = z.string().regex(/^[A-Z][A-Z-]*$/, 'must be a method in upper case')
const headerName = z.string().regex(/^[a-z0-9-]+$/, 'must be a header name in lower case')
const pattern = z.string().superRefine((path, context) => {
  const why = problemOfPattern(path)
  if (why !== undefined) context.addIssue({ code: 'custom', message: why })
})
const methods = z.array(method).min(1).optional()
const route = z.strictObject({ path: pattern, methods })

/** The first problem of a rule, told for the form that it has. */
const ruleOf = (object: z.ZodType): z.ZodType =>
  z.unknown().superRefine((rule, context) => {
    const form = typeof rule === 'function' ? callable : typeof rule === 'string' ? pattern : object
    const { error } = form.safeParse(rule)
    if (rule instanceof RegExp) {
      const message = 'must not be a regular expression, which may back-track; give a path pattern or a predicate'
      context.addIssue({ code: 'custom', message })
    } else for (const { path, message } of error?.issues ?? []) context.addIssue({ code: 'custom', path, message })
  })

/** Anything that logs as pino does. */
export const loggerSchema: z.ZodType<Logger> = z.custom<Logger>(isLogger, 'must have debug, info, warn and error')

/** What every shell lets say about refusals, whatever it judges. */
export const answerShape: {
  readonly reportOnly: z.ZodType<boolean>
  readonly logger: z.ZodType<Logger | undefined>
  readonly status: z.ZodType
  readonly expose: z.ZodType<boolean>
  readonly message: z.ZodType
  readonly page: z.ZodType
  readonly retryAfterJitter: z.ZodType<number>
} = {
  reportOnly: z.boolean().default(false),
  logger: loggerSchema.optional(),
  status: z.union([z.literal('auto'), z.int().min(400).max(599), callable]).optional(),
  expose: z.boolean().default(false),
  message: z.union([z.string().min(1), callable]).optional(),
  page: callable.optional(),
  retryAfterJitter: z.number().min(0).max(10).default(0.2),
}

const schema = z.strictObject({
  allow: z.array(ruleOf(route.extend({ writes: exemptionsSchema.optional() }))).default([]),
  treatAsWrite: z.array(ruleOf(route)).default([]),
  safeMethods: z.array(method).default(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY']),
  methodOverride: z
    .strictObject({
      headers: z.array(headerName).default(['x-http-method-override', 'x-http-method', 'x-method-override']),
      query: z.union([z.string().min(1), z.literal(false)]).default('_method'),
    })
    .prefault({}),
  upgrades: z.enum(['read', 'write']).default('read'),
  ...answerShape,
})

/** Checked options with every default filled in. */
export type ResolvedHttpOptions<R> = HttpOptions<R> &
  Required<
    Pick<
      HttpOptions<R>,
      'allow' | 'treatAsWrite' | 'safeMethods' | 'upgrades' | 'reportOnly' | 'expose' | 'retryAfterJitter'
    >
  > & { readonly methodOverride: { readonly headers: readonly string[]; readonly query: string | false } }

/**
 * Checks the options of a shell and fills in the defaults.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` with all problems at once in `data.problems`.
 */
export function resolveHttpOptions<R>(of: string, input: HttpOptions<R>): ResolvedHttpOptions<R> {
  const parsed = schema.safeParse(input)
  if (!parsed.success) throw configError(of, problemsOf(parsed.error, input))
  if (parsed.data.reportOnly && parsed.data.logger === undefined) {
    const problem: Problem = { path: 'logger', message: 'must be given for reportOnly', value: 'undefined' }
    throw configError(of, [problem])
  }
  // The schema has the same shape; functions pass through it as they are.
  return parsed.data as unknown as ResolvedHttpOptions<R>
}

function problemOfPattern(path: string): string | undefined {
  if (!path.startsWith('/')) return 'must be a path that starts with /'
  try {
    parse(path)
    return undefined
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return `must be a path pattern, with /:name for one segment and /*name for any number (${why})`
  }
}

function isLogger(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ['debug', 'info', 'warn', 'error'].every((level) => typeof Reflect.get(value, level) === 'function')
}
