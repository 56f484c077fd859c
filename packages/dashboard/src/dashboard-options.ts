import type { Logger } from '@quiesce/core'
import { configError, problemsOf } from '@quiesce/core/adapter'
import { z } from 'zod'

/** Who looks at the dashboard. */
export interface Viewer {
  /** Recorded as the owner of the freezes that they make, and with everything else that they do. */
  readonly name: string
  /** Whether they may change anything, where `actions` is on. Default true. */
  readonly canAct?: boolean
}

/** How the dashboard is served. */
export interface DashboardOptions {
  /** Its path as the server sees it. Default `/quiesce/ui`; links on the page are relative, so a proxy may move it. */
  readonly basePath?: string
  /**
   * Says who asks: a viewer, `undefined` (answered with 401), or a response of your own (a redirect to a login).
   * Without it only clients on this machine are served.
   */
  readonly auth?: (request: Request) => Viewer | Response | undefined | Promise<Viewer | Response | undefined>
  /** Lets viewers freeze, thaw, extend, cancel runs and release locks. Needs `auth`. Default false: it only shows. */
  readonly actions?: boolean
  /** How often the database is asked while somebody looks, once for all viewers of the process. Default 1000. */
  readonly refreshMs?: number
  /** How many pages one process keeps live; more are answered with 503. Default 100. */
  readonly maxStreams?: number
  /**
   * Proves that an action came from the page. Default: random for each process; give the same to all where a load
   * balancer spreads one viewer's requests. At least 32 characters.
   */
  readonly csrfSecret?: string
  /** Ends all live pages, as `cluster.close()` does. */
  readonly signal?: AbortSignal
  /** Told of every action and of failures. */
  readonly logger?: Logger
}

const schema = z.strictObject({
  basePath: z
    .string()
    .regex(/^(\/[\w.~-]+)*$/, 'must be empty or a plain path without a slash at its end')
    .default('/quiesce/ui'),
  auth: z.custom<DashboardOptions['auth']>((value) => typeof value === 'function', 'must be a function').optional(),
  actions: z.boolean().default(false),
  refreshMs: z.int().min(100).max(60_000).default(1000),
  maxStreams: z.int().min(0).default(100),
  csrfSecret: z.string().min(32).optional(),
  signal: z.instanceof(AbortSignal).optional(),
  logger: z
    .custom<Logger>((value) => typeof (value as Logger | undefined)?.info === 'function', 'must be a logger')
    .optional(),
})

type Defaulted = 'basePath' | 'actions' | 'refreshMs' | 'maxStreams'

/** Checked options with every default filled in. */
export type ResolvedDashboardOptions = Required<Pick<DashboardOptions, Defaulted>> & Omit<DashboardOptions, Defaulted>

/** @throws QuiesceError `QUIESCE_CONFIG` with all problems at once in `data.problems`. */
export function resolveDashboardOptions(input: DashboardOptions): ResolvedDashboardOptions {
  const parsed = schema.safeParse(input)
  const problems = parsed.success ? [] : [...problemsOf(parsed.error, input)]
  if (input.actions === true && input.auth === undefined) {
    const message = 'needs auth: what is done must be recorded with who did it'
    problems.push({ path: 'actions', message, value: 'true' })
  }
  if (!parsed.success || problems.length > 0) throw configError('createDashboard()', problems)
  // The schema has the same shape; optional keys are left out where they were not given.
  return parsed.data as ResolvedDashboardOptions
}
