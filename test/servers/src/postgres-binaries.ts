import { randomUUID } from 'node:crypto'
import { constants, cpSync, existsSync, statSync } from 'node:fs'
import { chmod, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { ownDirectory } from './own-directory.ts'
import { type PlatformPackage, platformPackage } from './platform-package.ts'
import { postgresKind } from './server-kind.ts'
import { serverTempDirectory, serverUser } from './server-user.ts'
import { TestServerError } from './test-server-error.ts'

/** Absolute paths of the programs. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

/**
 * Returns runnable PostgreSQL programs.
 *
 * The npm package is used in place when its install script has made its symbolic links and the server runs as the
 * current user. Otherwise its files are copied once per version into the temp directory (60 MB, about a second);
 * several processes may do so at the same time.
 */
export async function preparePostgresBinaries(): Promise<PostgresBinaries> {
  const found = platformPackage()
  const linked = found.links.every((link) => existsSync(join(found.directory, link.target)))
  const directory = linked && serverUser() === undefined ? found.directory : await cachedCopy(found)
  const bin = join(directory, 'native', 'bin')
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') }
}

async function cachedCopy(source: PlatformPackage): Promise<string> {
  const wanted = join(serverTempDirectory(), `quiesce-postgres-${process.getuid?.() ?? 0}`)
  const parent = await ownDirectory(wanted, postgresKind)
  const directory = join(parent, `${source.version}-${process.platform}-${process.arch}`)
  if (!existsSync(directory)) await publish(source, directory)
  else if (!(await isComplete(source, directory))) await fill(source, directory)
  return directory
}

/** Builds the copy under another name first, so that no other process sees half of it. */
async function publish(source: PlatformPackage, directory: string): Promise<void> {
  const draft = `${directory}.${randomUUID()}`
  try {
    await fill(source, draft)
    await rename(draft, directory)
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    // Another process was faster; its copy is as good as ours.
    if (!existsSync(directory)) throw copyFailed(source, directory, cause)
  }
}

/** Adds what is missing and leaves the rest alone, because a running server may be using it. */
async function fill(source: PlatformPackage, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  // The asynchronous version takes twice the time for these thousand small files.
  cpSync(join(source.directory, 'native'), join(directory, 'native'), {
    recursive: true,
    force: false,
    mode: constants.COPYFILE_FICLONE,
  })
  for (const link of source.links) {
    const target = join(directory, link.target)
    if (!existsSync(target)) await symlink(relative(dirname(target), join(directory, link.source)), target)
  }
  await makeReadable(directory)
}

/** An install under a strict umask leaves files that the server's user cannot read. */
async function makeReadable(directory: string): Promise<void> {
  await chmod(directory, 0o755)
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue
    const path = join(entry.parentPath, entry.name)
    const { mode } = statSync(path)
    const wanted = entry.isDirectory() || (mode & 0o100) !== 0 ? 0o755 : 0o644
    if ((mode & 0o777) !== wanted) await chmod(path, wanted)
  }
}

/** Cleaners of the temp directory delete single old files, which breaks the server in odd ways. */
async function isComplete(source: PlatformPackage, directory: string): Promise<boolean> {
  const [expected, present] = await Promise.all(
    [source.directory, directory].map((parent) => readdir(join(parent, 'native'), { recursive: true })),
  )
  const names = new Set(present?.map((name) => join('native', name)))
  const wanted = [...(expected ?? []).map((name) => join('native', name)), ...source.links.map((link) => link.target)]
  return wanted.every((name) => names.has(name))
}

function copyFailed(source: PlatformPackage, directory: string, cause: unknown): TestServerError {
  const message =
    `Could not copy the PostgreSQL binaries of ${source.name} to ${directory}: ${String(cause)}. ` +
    'Free some space (60 MB) or set TMPDIR to a writable directory.'
  return new TestServerError('POSTGRES_START_FAILED', message, { cause })
}
