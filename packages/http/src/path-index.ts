import { parse, pathToRegexp } from 'path-to-regexp'

/** Values by path pattern; a lookup costs the same for ten patterns and for ten thousand that name their first segment. */
export interface PathIndex<T> {
  /** Whether `test` holds for a value whose pattern matches the path. */
  some(path: string, test: (value: T) => boolean): boolean
}

interface Entry<T> {
  readonly matches: (path: string) => boolean
  readonly value: T
}

/**
 * Compiles patterns of path-to-regexp (`/users/:id`, `/files/*rest`, `/docs{/:page}`), which cannot back-track; a
 * trailing slash makes no difference.
 */
export function createPathIndex<T>(
  patterns: ReadonlyArray<readonly [pattern: string, value: T]>,
  { sensitive }: { readonly sensitive: boolean },
): PathIndex<T> {
  const fold = (path: string): string => (sensitive ? path : path.toLowerCase())
  const fixed = new Map<string, T[]>()
  const byFirst = new Map<string, Entry<T>[]>()
  const others: Entry<T>[] = []
  for (const [pattern, value] of patterns) {
    const [head, ...rest] = parse(pattern).tokens
    const text = head?.type === 'text' ? fold(head.value) : ''
    if (rest.length === 0 && head?.type === 'text') {
      append(fixed, withoutTrailingSlash(text), value)
      continue
    }
    const entry = { matches: matcherOf(pattern, sensitive), value }
    const first = /^\/([^/]+)\//.exec(text)?.[1]
    if (first === undefined) others.push(entry)
    else append(byFirst, first, entry)
  }
  return {
    some(path, test) {
      const folded = fold(path)
      const holds = (entry: Entry<T>): boolean => entry.matches(path) && test(entry.value)
      return (
        (fixed.get(withoutTrailingSlash(folded))?.some(test) ?? false) ||
        (byFirst.get(folded.split('/', 2)[1] ?? '')?.some(holds) ?? false) ||
        others.some(holds)
      )
    },
  }
}

/** Compiles the pattern when it is first asked. */
function matcherOf(pattern: string, sensitive: boolean): (path: string) => boolean {
  let regexp: RegExp | undefined
  return (path) => {
    regexp ??= pathToRegexp(pattern, { sensitive }).regexp
    return regexp.test(path)
  }
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}
