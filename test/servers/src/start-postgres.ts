import { join } from 'node:path'
import { createDataDirectory, initialiseDataDirectory, removeDataDirectory } from './data-directory.ts'
import { freePort } from './free-port.ts'
import { startOrphanGuard } from './orphan-guard.ts'
import { preparePostgresBinaries } from './postgres-binaries.ts'
import { launchPostgres, type PostgresLaunch, type PostgresProcess } from './postgres-process.ts'
import { createPostgresServer, type PostgresServer, postgresUrl } from './postgres-server.ts'
import { serverVersion } from './query-once.ts'
import { stopProcess } from './stop-process.ts'
import { TestServerError } from './test-server-error.ts'

/** How to start a server. */
export interface PostgresOptions {
  /** TCP port on 127.0.0.1. Default: a free one. */
  readonly port?: number
  /** Server settings (`postgresql.conf` names) on top of the ones that suit a test server. */
  readonly settings?: Readonly<Record<string, string>>
  /** Where to keep the data; never removed. A cluster that is already there is used as it is. Default: a temporary directory, in memory where possible. */
  readonly dataDir?: string
  /** Leaves the temporary data directory in place after the stop; it is then on disk from the start. Default false. */
  readonly keep?: boolean
  /** Gives up the start; it has no effect once the server is ready. */
  readonly signal?: AbortSignal
}

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
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  options.signal?.throwIfAborted()
  const binaries = await preparePostgresBinaries()
  const directory = await createDataDirectory(options.dataDir, options.keep ?? false)
  const guard = startOrphanGuard(directory.temporary ? directory.path : undefined)
  try {
    // Not interrupted by the signal: a killed initdb leaves shared memory behind.
    await initialiseDataDirectory(binaries, directory.path)
    const draft = {
      program: binaries.postgres,
      directory: directory.path,
      settings: { ...testSettings, ...options.settings },
      logFile: join(directory.path, 'server.log'),
      guard,
    }
    const { launch, process } = await launchOnFreePort(draft, options)
    const version = await versionOf(launch, process)
    return createPostgresServer({ launch, directory, version, process })
  } catch (error) {
    guard.release()
    await removeDataDirectory(directory)
    throw error
  }
}

/** Tries again with another port when somebody took the free one in the meantime. */
async function launchOnFreePort(
  draft: Omit<PostgresLaunch, 'port'>,
  options: PostgresOptions,
): Promise<{ readonly launch: PostgresLaunch; readonly process: PostgresProcess }> {
  for (let attempt = 1; ; attempt++) {
    const launch = { ...draft, port: options.port ?? (await freePort()) }
    try {
      return { launch, process: await launchPostgres(launch, options.signal) }
    } catch (error) {
      const isTaken = error instanceof TestServerError && error.output.includes('Address already in use')
      if (!isTaken || options.port !== undefined || attempt === 5) throw error
    }
  }
}

/** Asks the server itself, which also proves that it answers. */
async function versionOf(launch: PostgresLaunch, process: PostgresProcess): Promise<string> {
  try {
    return await serverVersion(postgresUrl(launch.port))
  } catch (cause) {
    await stopProcess(process, 'immediate')
    const message = `PostgreSQL started on port ${launch.port} but does not answer: ${String(cause)}. Check the settings.`
    throw new TestServerError('POSTGRES_START_FAILED', message, { cause })
  }
}
