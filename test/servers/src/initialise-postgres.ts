import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { failureOutput } from './failure-output.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { serverEnvironment } from './server-environment.ts'
import { serverUser } from './server-user.ts'
import { TestServerError } from './test-server-error.ts'

const run = promisify(execFile)

/** Fills the directory with an empty cluster unless it already holds one; takes about half a second. */
export async function initialisePostgres(binaries: PostgresBinaries, directory: string): Promise<void> {
  if (existsSync(join(directory, 'PG_VERSION'))) return
  const flags = ['-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions', '-U', 'postgres']
  try {
    await run(binaries.initdb, [...flags, '-D', directory], { cwd: '/', env: serverEnvironment(), ...serverUser() })
  } catch (cause) {
    throw initialiseFailed(binaries, directory, cause)
  }
}

function initialiseFailed(binaries: PostgresBinaries, directory: string, cause: unknown): TestServerError {
  const output = failureOutput(cause)
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
