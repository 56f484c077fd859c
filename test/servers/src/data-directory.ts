import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { dataLocation } from './data-location.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { serverEnvironment } from './server-environment.ts'
import { serverTempDirectory, serverUser } from './server-user.ts'
import { TestServerError } from './test-server-error.ts'

/** Where a server keeps its data. */
export interface DataDirectory {
  readonly path: string
  /** True when we made the directory up and nobody asked to keep it. */
  readonly temporary: boolean
}

const run = promisify(execFile)

/** Chooses and creates the directory, owned by the user the server will run as; it is still empty afterwards. */
export async function createDataDirectory(wanted: string | undefined, keep: boolean): Promise<DataDirectory> {
  if (wanted === undefined) {
    const path = await mkdtemp(join(keep ? serverTempDirectory() : await dataLocation(), 'quiesce-pgdata-'))
    await handOver(path)
    return { path, temporary: !keep }
  }
  const path = resolve(wanted)
  await mkdir(path, { recursive: true, mode: 0o700 })
  if ((await readdir(path)).length === 0) await handOver(path)
  return { path, temporary: false }
}

/** Fills the directory with an empty cluster unless it already holds one; takes about half a second. */
export async function initialiseDataDirectory(binaries: PostgresBinaries, directory: string): Promise<void> {
  if (existsSync(join(directory, 'PG_VERSION'))) return
  const flags = ['-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions', '-U', 'postgres']
  try {
    await run(binaries.initdb, [...flags, '-D', directory], { cwd: '/', env: serverEnvironment(), ...serverUser() })
  } catch (cause) {
    throw initialiseFailed(binaries, directory, cause)
  }
}

/** Removes a temporary directory; leaves any other one alone. */
export async function removeDataDirectory(directory: DataDirectory): Promise<void> {
  if (!directory.temporary) return
  // The last server processes may still be writing their files when the postmaster was killed.
  await rm(directory.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
}

async function handOver(path: string): Promise<void> {
  const user = serverUser()
  // `>>> 0`: ids are unsigned for chown and signed for spawn.
  if (user !== undefined) await chown(path, user.uid >>> 0, user.gid >>> 0)
}

function initialiseFailed(binaries: PostgresBinaries, directory: string, cause: unknown): TestServerError {
  const output = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause)
  return new TestServerError(
    'POSTGRES_START_FAILED',
    `initdb failed for ${directory}. ${initialiseAdvice(binaries, output)}`,
    { cause, output },
  )
}

function initialiseAdvice(binaries: PostgresBinaries, output: string): string {
  const otherwise = 'or start a PostgreSQL yourself and set QUIESCE_TEST_POSTGRES_URL.'
  if (output.includes('ENOENT') && existsSync(binaries.initdb)) {
    return `The program is there but its loader is not: it needs glibc, which Alpine lacks. Use a Debian image, ${otherwise}`
  }
  if (output.includes('could not look up effective user ID')) {
    return `It needs a user that has a name. Add the user id to /etc/passwd, run as root, ${otherwise}`
  }
  return `Look at its output, ${otherwise}`
}
