import { QuiesceError } from '../domain/errors.ts'

/** The error for a statement that came after `close()`, or was still under way then: `cause` is what the driver said. */
export function controlClosed(cause?: unknown): QuiesceError {
  return new QuiesceError(
    'QUIESCE_CLOSED',
    'The control connections are closed: close() was called on the cluster. Make another cluster object.',
    {},
    cause === undefined ? {} : { cause },
  )
}
