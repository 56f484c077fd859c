import { isQuiesceError, QuiesceError } from '../domain/errors.ts'

/** An operation of a store or a backend; most of them are asynchronous. */
type Operation = (...parameters: readonly unknown[]) => unknown

/**
 * The same operations, which reject with what `explain` makes of their errors: no error of a driver passes, whichever
 * statement of whichever operation met it.
 */
export function explaining<T extends object>(operations: T, explain: (error: unknown) => unknown): T {
  const explained = ([name, member]: [string, unknown]): [string, unknown] => {
    if (!isOperation(member)) return [name, member]
    return [
      name,
      (...parameters: readonly unknown[]) => {
        const answer = member(...parameters)
        return answer instanceof Promise ? answer.catch((error: unknown) => Promise.reject(explain(error))) : answer
      },
    ]
  }
  // The same members with the same parameters and answers, which Object.entries does not tell.
  return Object.fromEntries(Object.entries(operations).map(explained)) as T
}

function isOperation(member: unknown): member is Operation {
  return typeof member === 'function'
}

/** What an error says; one that stands for several attempts to connect has a code and no message. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || String((error as { readonly code?: unknown }).code ?? error.name)
}

/** The same for statements that read the tables of somebody's database, which need not be the coordination's. */
export function explainReading(explain: (error: unknown) => unknown): (error: unknown) => unknown {
  return (error) => {
    const explained = explain(error)
    if (explained === error || !isQuiesceError(explained) || explained.kind === 'QUIESCE_CONTENDED') return explained
    return new QuiesceError(
      'QUIESCE_DATABASE',
      `The tables could not be read (${messageOf(error)}). Check that the server answers, and that this user may SELECT from them.`,
      explained.data,
      { cause: error },
    )
  }
}
