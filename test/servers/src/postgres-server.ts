import { setTimeout as delay } from 'node:timers/promises'
import { createDatabase, uniqueDatabaseName } from './create-database.ts'
import { type DataDirectory, removeDataDirectory } from './data-directory.ts'
import { launchPostgres, type PostgresLaunch, type PostgresProcess } from './postgres-process.ts'
import { type StopMode, stopProcess } from './stop-process.ts'
import { TestServerError } from './test-server-error.ts'

/** A PostgreSQL server; it accepts the user `postgres` without a password. */
export interface PostgresServer extends AsyncDisposable {
  /** Of the database `postgres`. */
  readonly url: string
  readonly port: number
  /** For example `18.4`. */
  readonly version: string
  /** Process id of the postmaster; the last one when the server is not running. */
  readonly pid: number
  readonly dataDir: string
  /** The server's log; it goes away with the data directory. */
  readonly logFile: string
  /** Creates an empty database and returns its URL. Default name: a unique one. */
  createDatabase(name?: string): Promise<string>
  /** Ends the server and removes its temporary data. Does nothing after the first time. Default mode `fast`. */
  stop(mode?: StopMode): Promise<void>
  /** Starts the server again on the same port with the same data, after a fast shutdown when it is running. */
  restart(): Promise<void>
  /** Kills the postmaster with SIGKILL; `restart` brings the server back, `stop` cleans up. */
  kill(): void
}

/** What a server consists of. */
export interface PostgresServerParts {
  readonly launch: PostgresLaunch
  readonly directory: DataDirectory
  readonly version: string
  readonly process: PostgresProcess
}

/** Returns the URL of the database `postgres` of the server on `port`. */
export function postgresUrl(port: number): string {
  return `postgres://postgres@127.0.0.1:${port}/postgres`
}

/** Takes charge of a running server. */
export function createPostgresServer(parts: PostgresServerParts): PostgresServer {
  return new EmbeddedPostgres(parts)
}

class EmbeddedPostgres implements PostgresServer {
  readonly url: string
  readonly port: number
  readonly version: string
  readonly dataDir: string
  readonly logFile: string
  readonly #parts: PostgresServerParts
  #process: PostgresProcess
  #restarting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(parts: PostgresServerParts) {
    this.#parts = parts
    this.port = parts.launch.port
    this.url = postgresUrl(this.port)
    this.version = parts.version
    this.dataDir = parts.directory.path
    this.logFile = parts.launch.logFile
    this.#process = parts.process
  }

  get pid(): number {
    return this.#process.pid
  }

  createDatabase(name = uniqueDatabaseName('test')): Promise<string> {
    return createDatabase(this.url, name)
  }

  stop(mode: StopMode = 'fast'): Promise<void> {
    this.#stopping ??= this.#stop(mode)
    return this.#stopping
  }

  restart(): Promise<void> {
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = undefined
    })
    return this.#restarting
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #stop(mode: StopMode): Promise<void> {
    // A restart under way would leave a server behind; how it ends is its caller's business.
    await this.#restarting?.catch(() => undefined)
    await stopProcess(this.#process, mode)
    this.#parts.launch.guard.release()
    await removeDataDirectory(this.#parts.directory)
  }

  async #restart(): Promise<void> {
    if (this.#stopping !== undefined) {
      const message =
        'Cannot restart PostgreSQL: it was stopped and its data may be gone. Call startPostgres() instead.'
      throw new TestServerError('POSTGRES_STOPPED', message)
    }
    await stopProcess(this.#process, 'fast')
    this.#process = await relaunch(this.#parts.launch)
  }
}

/** Tries again while processes of a killed postmaster are still on their way out. */
async function relaunch(launch: PostgresLaunch): Promise<PostgresProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launchPostgres(launch)
    } catch (error) {
      const isBusy = error instanceof TestServerError && error.output.includes('pre-existing shared memory block')
      if (!isBusy || attempt === 20) throw error
      await delay(100)
    }
  }
}
