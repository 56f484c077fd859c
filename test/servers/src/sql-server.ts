import { setTimeout as delay } from 'node:timers/promises'
import { createDatabase, uniqueDatabaseName } from './create-database.ts'
import { type DataDirectory, removeDataDirectory } from './data-directory.ts'
import type { StopMode } from './server-kind.ts'
import { launchServer, type ServerLaunch, type ServerProcess } from './server-process.ts'
import { stopProcess } from './stop-process.ts'
import { TestServerError } from './test-server-error.ts'

/** A database server on 127.0.0.1; its superuser needs no password. */
export interface SqlServer extends AsyncDisposable {
  /** Of the superuser: `postgres` and its database, or `root` and no database. */
  readonly url: string
  readonly port: number
  /** For example `18.4`. */
  readonly version: string
  /** Process id of the server; the last one when the server is not running. */
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
  /** Kills the server with SIGKILL; `restart` brings the server back, `stop` cleans up. */
  kill(): void
}

/** What a server consists of. */
export interface SqlServerParts {
  readonly url: string
  readonly launch: ServerLaunch
  readonly directory: DataDirectory
  readonly version: string
  readonly process: ServerProcess
}

/** Takes charge of a running server. */
export function createSqlServer(parts: SqlServerParts): SqlServer {
  return new OwnServer(parts)
}

class OwnServer implements SqlServer {
  readonly url: string
  readonly port: number
  readonly version: string
  readonly dataDir: string
  readonly logFile: string
  readonly #parts: SqlServerParts
  #process: ServerProcess
  #restarting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(parts: SqlServerParts) {
    this.#parts = parts
    this.port = parts.launch.port
    this.url = parts.url
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
    await stopProcess(this.#process, this.#parts.launch.kind.stopSteps[mode])
    this.#parts.launch.guard.release()
    await removeDataDirectory(this.#parts.directory)
  }

  async #restart(): Promise<void> {
    const { kind } = this.#parts.launch
    if (this.#stopping !== undefined) {
      const message = `Cannot restart ${kind.label}: it was stopped and its data may be gone. Start another one instead.`
      throw new TestServerError(`${kind.code}_STOPPED`, message)
    }
    await stopProcess(this.#process, kind.stopSteps.fast)
    this.#process = await relaunch(this.#parts.launch)
  }
}

/** Tries again while processes of a killed postmaster are still on their way out. */
async function relaunch(launch: ServerLaunch): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launchServer(launch)
    } catch (error) {
      if (!isBusy(launch, error) || attempt === 20) throw error
      await delay(100)
    }
  }
}

function isBusy({ kind }: ServerLaunch, error: unknown): boolean {
  if (!(error instanceof TestServerError) || kind.busyMessage === undefined) return false
  return error.output.includes(kind.busyMessage)
}
