import { initialisePostgres } from './initialise-postgres.ts'
import { preparePostgresBinaries } from './postgres-binaries.ts'
import { postgresKind } from './server-kind.ts'
import type { SqlServer } from './sql-server.ts'
import { type ServerOptions, startServer } from './start-server.ts'

const testSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  shared_buffers: '32MB',
  // Shared memory in files of the data directory goes away with it, also after a SIGKILL.
  dynamic_shared_memory_type: 'mmap',
  // The data may be in memory, where the default of 1 GB would hurt.
  max_wal_size: '256MB',
  // A crash of the server loses nothing without fsync, only a crash of the machine does.
  fsync: 'off',
  // For tests of two-phase commits; a server has none by default.
  max_prepared_transactions: '20',
}

/**
 * Starts a real PostgreSQL 18 in about a second; no docker, no root, nothing to configure.
 *
 * Works as root too: the server then runs as `nobody`. It never outlives this process and does not keep it alive.
 *
 * @throws TestServerError `POSTGRES_BINARIES_MISSING` or `POSTGRES_START_FAILED`; the signal's reason when it aborts.
 * @example
 * await using server = await startPostgres({ settings: { deadlock_timeout: '100ms' } })
 * const url = await server.createDatabase()
 */
export async function startPostgres(options: ServerOptions = {}): Promise<SqlServer> {
  options.signal?.throwIfAborted()
  const binaries = await preparePostgresBinaries()
  const settings = Object.entries({ ...testSettings, ...options.settings })
  return startServer(
    {
      kind: postgresKind,
      initialise: (directory) => initialisePostgres(binaries, directory),
      command: (directory, port) => ({
        program: binaries.postgres,
        arguments: [
          ...['-D', directory, '-p', String(port)],
          ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
        ],
      }),
      url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
    },
    options,
  )
}
