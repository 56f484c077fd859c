import { isQuiesceError, type QuiesceError } from '@quiesce/core'

/** The program ended with another code than 0. */
export class CommandFailed extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`the command ended with exit code ${exitCode}`)
    this.name = 'CommandFailed'
    this.exitCode = exitCode
  }
}

/** Whether a run failed because its program did. */
export function isCommandFailure(error: unknown): error is QuiesceError & { readonly cause: CommandFailed } {
  return isQuiesceError(error) && error.kind === 'QUIESCE_RUN_FAILED' && error.cause instanceof CommandFailed
}
