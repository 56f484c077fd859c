import { join } from 'node:path'
import { createDataDirectory, removeDataDirectory } from './data-directory.ts'
import { databaseCommands } from './database-commands.ts'
import { type LaunchOptions, launchOnFreePort } from './launch-on-free-port.ts'
import { startOrphanGuard } from './orphan-guard.ts'
import type { ServerKind } from './server-kind.ts'
import type { Command, ServerLaunch, ServerProcess } from './server-process.ts'
import { createSqlServer, type SqlServer } from './sql-server.ts'
import { stopProcess } from './stop-process.ts'
import { TestServerError } from './test-server-error.ts'

/** How to start a server. */
export interface ServerOptions extends LaunchOptions {
  /** Server settings (names as in the server's configuration file) on top of the ones that suit a test server. */
  readonly settings?: Readonly<Record<string, string>>
  /** Where to keep the data; never removed. Data that is already there is used as it is. Default: a temporary directory, in memory where possible. */
  readonly dataDir?: string
  /** Leaves the temporary data directory in place after the stop; it is then on disk from the start. Default false. */
  readonly keep?: boolean
}

/** How one product is started. */
export interface ServerRecipe {
  readonly kind: ServerKind
  /** Fills an empty data directory; leaves a filled one alone. */
  initialise(directory: string): Promise<void>
  command(directory: string, port: number): Command
  /** URL of the superuser. */
  url(port: number): string
}

/** Starts a server and makes sure that a failed start leaves nothing behind. */
export async function startServer(recipe: ServerRecipe, options: ServerOptions): Promise<SqlServer> {
  const { kind } = recipe
  const directory = await createDataDirectory(kind.name, options.dataDir, options.keep ?? false)
  const guard = startOrphanGuard(kind.stopSteps.immediate[0][0], directory.temporary ? directory.path : undefined)
  try {
    // Not interrupted by the signal: a killed initdb leaves shared memory behind.
    await recipe.initialise(directory.path)
    const draft = {
      kind,
      command: (port: number) => recipe.command(directory.path, port),
      logFile: join(directory.path, 'server.log'),
      guard,
    }
    const { launch, process } = await launchOnFreePort(draft, options)
    const url = recipe.url(launch.port)
    const version = await versionOf(url, launch, process)
    return createSqlServer({ url, launch, directory, version, process })
  } catch (error) {
    guard.release()
    await removeDataDirectory(directory)
    throw error
  }
}

/** Asks the server itself, which also proves that it answers. */
async function versionOf(url: string, launch: ServerLaunch, process: ServerProcess): Promise<string> {
  const { kind, port } = launch
  try {
    return await databaseCommands(url).version(url)
  } catch (cause) {
    await stopProcess(process, kind.stopSteps.immediate)
    const message = `${kind.label} started on port ${port} but does not answer: ${String(cause)}. Check the settings.`
    throw new TestServerError(`${kind.code}_START_FAILED`, message, { cause })
  }
}
