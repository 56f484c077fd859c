import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheDirectory } from './cache-directory.ts'
import { cachedDirectory } from './cached-directory.ts'
import { handOver } from './data-directory.ts'
import { failureOutput } from './failure-output.ts'
import type { MysqlPrograms, MysqlRecipe } from './mysql-recipe.ts'
import { serverEnvironment } from './server-environment.ts'
import type { ServerKind } from './server-kind.ts'
import { serverUser } from './server-user.ts'
import { TestServerError } from './test-server-error.ts'

const run = promisify(execFile)

/**
 * Fills an empty data directory.
 *
 * MySQL needs three seconds to make one. So it is made once per server program and settings, and copied from then on.
 */
export async function copyMysqlTemplate(
  recipe: MysqlRecipe,
  programs: MysqlPrograms,
  settings: readonly string[],
  directory: string,
): Promise<void> {
  const parent = await cacheDirectory(recipe.kind)
  const key = await keyOf(programs, settings)
  const template = await cachedDirectory(join(parent, `${recipe.kind.name}-data-${key}`), (draft) =>
    initialise(recipe, programs, settings, draft),
  )
  try {
    await run('cp', ['-R', `${template}/.`, directory], { cwd: '/', ...serverUser() })
  } catch (cause) {
    throw failed(recipe.kind, `Could not copy the data of ${template} to ${directory}`, cause)
  }
}

async function keyOf(programs: MysqlPrograms, settings: readonly string[]): Promise<string> {
  const paths = [programs.server.program, ...programs.server.arguments].filter((path) => path.startsWith('/'))
  const stats = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))
  const files = stats.map((entry) => `${entry?.size} ${entry?.mtimeMs}`)
  return createHash('sha256')
    .update(JSON.stringify([programs.server, files, settings]))
    .digest('hex')
    .slice(0, 16)
}

async function initialise(
  recipe: MysqlRecipe,
  programs: MysqlPrograms,
  settings: readonly string[],
  directory: string,
): Promise<void> {
  await handOver(directory)
  const script = `${directory}.sql`
  const { program, arguments: begin } = programs.server
  const command = [program, ...begin, `--datadir=${directory}`, ...settings, ...recipe.initialisation]
  try {
    await writeFile(script, await recipe.script(programs))
    await handOver(script)
    // The shell, because MySQL opens its input by name, which fails for a pipe of Node.
    const args = ['-c', 'exec "$@" <"$0"', script, ...command]
    await run('/bin/sh', args, { cwd: '/', env: serverEnvironment(), maxBuffer: 2 ** 25, ...serverUser() })
    await rm(script)
    // The identity of a server; each copy makes its own.
    await rm(join(directory, 'auto.cnf'), { force: true })
  } catch (cause) {
    throw failed(recipe.kind, `${recipe.program} could not initialise ${directory}`, cause)
  }
}

function failed(kind: ServerKind, what: string, cause: unknown): TestServerError {
  const output = failureOutput(cause)
  return new TestServerError(`${kind.code}_START_FAILED`, `${what}. Look at the output.\n${kind.otherwise}`, {
    cause,
    output,
  })
}
