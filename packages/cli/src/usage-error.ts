import { type Problem, QuiesceError } from '@quiesce/core'

/** What was asked cannot be meant: everything that is wrong, at once. */
export function usageError(problems: readonly Problem[]): QuiesceError {
  const list = problems.map(({ path, message, value }) => `\n- ${path}: ${message}; got ${value}`).join('')
  return new QuiesceError('QUIESCE_CONFIG', `${problems.length} problem(s) with what was given:${list}`, { problems })
}

/** One thing that is missing or cannot be meant, in a sentence that says what to do. */
export function misuse(message: string): QuiesceError {
  return new QuiesceError('QUIESCE_CONFIG', message)
}
