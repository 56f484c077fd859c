import { isReadOnlyError, type ReadOnlyError } from '@quiesce/core'

const DEEPEST = 10

/** The refusal in an error, also when another library has wrapped it (`cause`, `originalError`, `driverError`). */
export function refusalIn(error: unknown): ReadOnlyError | undefined {
  let candidates: readonly unknown[] = [error]
  for (let depth = 0; depth < DEEPEST && candidates.length > 0; depth++) {
    const found = candidates.find(isReadOnlyError)
    if (found !== undefined) return found
    candidates = candidates.flatMap(wrappedIn)
  }
  return undefined
}

function wrappedIn(error: unknown): readonly unknown[] {
  if (typeof error !== 'object' || error === null) return []
  const wrapped = ['cause', 'originalError', 'driverError'].map((name) => Reflect.get(error, name))
  return wrapped.filter((value) => value !== undefined && value !== error)
}
