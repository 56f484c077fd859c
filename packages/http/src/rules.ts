import type { Exemptions, Logger } from '@quiesce/core'
import type { TableWrite } from '@quiesce/core/adapter'
import type { AllowRule } from './http-options.ts'
import type { ResolvedHttpOptions } from './options-schema.ts'
import { createPathIndex, type PathIndex } from './path-index.ts'
import { plainPath, readingsOf } from './request-path.ts'

/** What the rules know of a request; `methods` is its own, and those that it asks to be taken for. */
export interface Matched<R> {
  readonly methods: readonly string[]
  readonly path: string
  readonly request: R
}

/** Rules compiled for lookups. */
export interface Rules<R> {
  isSafe(method: string): boolean
  readonly upgradesWrite: boolean
  /** Whether a request with safe methods writes all the same. */
  isWrite(matched: Matched<R>): boolean
  /** Whether a write may pass; `areExempt` says whether every active freeze exempts these. */
  isAllowed(matched: Matched<R>, areExempt: (writes: readonly TableWrite[]) => boolean): boolean
}

interface Route {
  readonly methods: ReadonlySet<string> | undefined
  readonly writes: readonly TableWrite[]
}

/** Compiles the rules of resolved options; a predicate that throws is logged, and lets nothing pass. */
export function compileRules<R>(options: ResolvedHttpOptions<R>): Rules<R> {
  const safe = new Set(options.safeMethods)
  const allow = compileList(options.allow, true)
  const treatAsWrite = compileList<R>(options.treatAsWrite, false)
  return {
    isSafe: (method) => safe.has(method),
    upgradesWrite: options.upgrades === 'write',
    isWrite({ methods, path, request }) {
      const speaksOf = (route: Route): boolean => methods.some((method) => route.methods?.has(method) ?? true)
      return (
        treatAsWrite.predicates.some((predicate) => Boolean(ask(predicate, request, true, options.logger))) ||
        (!treatAsWrite.isEmpty &&
          (readingsOf(path)?.some((reading) => treatAsWrite.routes.some(reading, speaksOf)) ?? true))
      )
    },
    isAllowed({ methods, path, request }, areExempt) {
      // A promise is no `true`.
      if (allow.predicates.some((predicate) => ask(predicate, request, false, options.logger) === true)) return true
      const plain = allow.isEmpty ? undefined : plainPath(path)
      return (
        plain !== undefined &&
        allow.routes.some(
          plain,
          (route) => methods.every((method) => route.methods?.has(method) ?? true) && areExempt(route.writes),
        )
      )
    },
  }
}

interface RuleList<R> {
  readonly isEmpty: boolean
  readonly predicates: ReadonlyArray<(request: R) => unknown>
  readonly routes: PathIndex<Route>
}

function compileList<R>(rules: readonly AllowRule<R>[], sensitive: boolean): RuleList<R> {
  const predicates: Array<(request: R) => unknown> = []
  const routes: Array<readonly [string, Route]> = []
  for (const rule of rules) {
    if (typeof rule === 'function') predicates.push(rule)
    else routes.push(typeof rule === 'string' ? [rule, anything] : [rule.path, routeOf(rule)])
  }
  return { isEmpty: routes.length === 0, predicates, routes: createPathIndex(routes, { sensitive }) }
}

const anything: Route = { methods: undefined, writes: [] }

function routeOf(rule: { readonly methods?: readonly string[]; readonly writes?: Exemptions }): Route {
  return {
    methods: rule.methods === undefined ? undefined : new Set(rule.methods),
    writes: Object.entries(rule.writes ?? {}).flatMap(writesOf),
  }
}

/** The writes that a route declares, one for each operation. */
function writesOf([name, rule]: [string, Exemptions[string]]): readonly TableWrite[] {
  const dot = name.indexOf('.')
  const table = { schema: dot === -1 ? undefined : name.slice(0, dot), table: name.slice(dot + 1) }
  const operations =
    rule === true
      ? ({ insert: true, update: true, delete: true } as const)
      : isColumnList(rule)
        ? ({ update: rule } as const)
        : rule
  return (['insert', 'update', 'delete', 'truncate'] as const).flatMap((operation) => {
    const what = (operations as Readonly<Record<string, boolean | readonly string[] | undefined>>)[operation]
    if (what === undefined || what === false) return []
    return [{ ...table, operation, columns: what === true ? ('all' as const) : what }]
  })
}

function isColumnList(rule: Exclude<Exemptions[string], true>): rule is readonly string[] {
  return Array.isArray(rule)
}

function ask<R>(
  predicate: (request: R) => unknown,
  request: R,
  otherwise: boolean,
  logger: Logger | undefined,
): unknown {
  try {
    return predicate(request)
  } catch (error) {
    logger?.error({ error }, 'a rule of readOnlyHttp threw; the request counts as a write that is not allowed')
    return otherwise
  }
}
