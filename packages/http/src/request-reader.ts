import type { RequestFacts } from './decide.ts'
import { queryOf } from './request-path.ts'

/** How the facts are read from a framework's request, once they are needed. */
export interface RequestReader<R> {
  method(request: R): string
  /** The path with its query, or the whole URL, as the framework routes it. */
  target(request: R): string
  /** A header by its name in lower case. */
  header(request: R, name: string): string | undefined
}

/** Reads the facts of one request; `by` names where an application lets requests override their method. */
export function readFacts<R>(
  request: R,
  reader: RequestReader<R>,
  by: { readonly headers: readonly string[]; readonly query: string | false },
): RequestFacts<R> {
  const target = reader.target(request)
  const said = by.headers.map((name) => reader.header(request, name))
  const overrides = [...said, ...overridesInQuery(queryOf(target), by.query)]
  return {
    method: reader.method(request),
    target,
    // Several values come as one list; whichever of them the application takes, all of them count.
    overrides: overrides.flatMap((value) => value?.split(',') ?? []).map((value) => value.trim().toUpperCase()),
    isUpgrade: reader.header(request, 'upgrade') !== undefined,
    request,
  }
}

function overridesInQuery(query: string, name: string | false): readonly string[] {
  return name === false || query === '' ? [] : new URLSearchParams(query).getAll(name)
}
