import { execFile } from 'node:child_process'
import { constants, existsSync } from 'node:fs'
import { access, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { debianCommand, prepareDebianRoot } from './debian-root.ts'
import type { MysqlPrograms, MysqlRecipe } from './mysql-recipe.ts'

const run = promisify(execFile)

/** Returns a runnable server: the installed one, else the one of Debian. */
export async function prepareMysqlPrograms(recipe: MysqlRecipe): Promise<MysqlPrograms> {
  const installed = await findInstalled(recipe)
  if (installed !== undefined) {
    const share = shareOf(dirname(dirname(await realpath(installed))))
    return { server: { program: installed, arguments: ['--no-defaults'] }, share }
  }
  const root = await prepareDebianRoot(recipe.kind, recipe.debianPackage)
  const share = shareOf(join(root, 'usr'))
  const { program, arguments: begin } = debianCommand(root, `usr/sbin/${recipe.program}`)
  const flags = [
    '--no-defaults',
    `--basedir=${join(root, 'usr')}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
    `--plugin-dir=${join(root, 'usr', 'lib', 'mysql', 'plugin')}`,
  ]
  return { server: { program, arguments: [...begin, ...flags] }, share }
}

async function findInstalled(recipe: MysqlRecipe): Promise<string | undefined> {
  // Users other than root often do not have the latter in their path.
  const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', '/usr/libexec']
  for (const directory of directories.filter((path) => path.startsWith('/'))) {
    const path = join(directory, recipe.program)
    if ((await isExecutable(path)) && recipe.isOwnVersion(await versionOf(path))) return path
  }
  return undefined
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

async function versionOf(path: string): Promise<string> {
  const { stdout } = await run(path, ['--no-defaults', '--version'])
  return stdout
}

/** Distributions disagree about the name. */
function shareOf(base: string): string {
  const share = join(base, 'share')
  const candidates = [join(share, 'mysql'), join(share, 'mariadb'), share]
  return candidates.find((path) => existsSync(join(path, 'charsets'))) ?? share
}
