import { QuiesceError } from '../domain/errors.ts'

/** The cluster object cannot be used any more. */
export function closedError(): QuiesceError {
  return new QuiesceError('QUIESCE_CLOSED', 'The cluster object was closed. Make a new one with createCluster().')
}

/** The coordination tables are missing, older or newer than this library needs. */
export function schemaError(found: number | undefined, known: number): QuiesceError {
  const data = { found, known }
  if (found === undefined)
    return new QuiesceError(
      'QUIESCE_SCHEMA',
      'The coordination tables are missing. Call cluster.migrate() once, with a role that may create them.',
      data,
    )
  const advice =
    found < known ? 'Call cluster.migrate() with a role that may change them.' : 'Update @quiesce/core on this node.'
  return new QuiesceError(
    'QUIESCE_SCHEMA',
    `The coordination tables have version ${found}, this library needs ${known}. ${advice}`,
    data,
  )
}
