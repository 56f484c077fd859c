import { execFile } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { aptConfiguration, debianSource } from './apt-configuration.ts'
import { failureOutput } from './failure-output.ts'
import type { Product } from './server-kind.ts'
import { TestServerError } from './test-server-error.ts'

/** A package and the release of Debian to take it from. */
export interface DebianPackage {
  readonly suite: 'bookworm' | 'sid'
  readonly name: string
  /** Further packages, which are no libraries. */
  readonly more?: readonly string[]
  /** Libraries that are not needed although a package says so. */
  readonly without?: RegExp
  /** Keeps `usr/bin`, which is of no use to servers. */
  readonly keepsPrograms?: true
}

const run = promisify(execFile)
const timeoutMs = 300_000

/**
 * Downloads a package with the libraries it depends on and unpacks them into `directory`.
 *
 * Nothing is installed and the state of this machine's package manager is neither used nor changed, so any user may.
 *
 * @throws TestServerError `…_BINARIES_MISSING`
 */
export async function unpackDebianPackage(
  kind: Product,
  debianPackage: DebianPackage,
  directory: string,
): Promise<void> {
  const work = join(directory, 'apt')
  const packages = join(work, 'packages')
  try {
    await mkdir(join(work, 'lists', 'partial'), { recursive: true })
    await mkdir(join(work, 'cache', 'archives', 'partial'), { recursive: true })
    await mkdir(packages)
    await writeFile(join(work, 'sources.list'), await debianSource(debianPackage.suite))
    await writeFile(join(work, 'apt.conf'), await aptConfiguration(work))
    const apt = (args: readonly string[]): Promise<string> => runApt(work, packages, args)
    await apt(['update'])
    await apt(['download', ...(await withLibraries(apt, debianPackage))])
    for (const file of await readdir(packages)) {
      await run('dpkg-deb', ['-x', join(packages, file), directory], { timeout: timeoutMs })
    }
    // Nearly half of the size, and nothing of it is run.
    await Promise.all(
      [
        work,
        ...(debianPackage.keepsPrograms === true ? [] : [join(directory, 'usr/bin')]),
        join(directory, 'usr/share/doc'),
        join(directory, 'usr/share/man'),
      ].map((path) => rm(path, { recursive: true, force: true })),
    )
  } catch (cause) {
    throw missing(kind, debianPackage, cause)
  }
}

async function runApt(work: string, cwd: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, APT_CONFIG: join(work, 'apt.conf'), LC_ALL: 'C' }
  const { stdout } = await run('apt-get', ['-q', ...args], { cwd, env, timeout: timeoutMs, maxBuffer: 2 ** 25 })
  return stdout
}

/** Lets apt name the dependencies, because the names of libraries change with their versions. */
async function withLibraries(
  apt: (args: readonly string[]) => Promise<string>,
  { name, more = [], without = /^$/ }: DebianPackage,
): Promise<readonly string[]> {
  const named = [name, ...more]
  const plan = await apt(['install', '--simulate', '--no-install-recommends', ...named])
  const all = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => String(match[1]))
  const isLibrary = (candidate: string): boolean => /^lib/.test(candidate) && !candidate.includes('perl')
  return all.filter((candidate) => named.includes(candidate) || (isLibrary(candidate) && !without.test(candidate)))
}

function missing(kind: Product, debianPackage: DebianPackage, cause: unknown): TestServerError {
  const output = failureOutput(cause)
  const reason = output.includes('ENOENT')
    ? 'there is no apt-get or dpkg-deb on this machine'
    : `its package ${debianPackage.name} could not be had from Debian (${debianPackage.suite})`
  return new TestServerError(
    `${kind.code}_BINARIES_MISSING`,
    `No ${kind.label}: it is not installed, and ${reason}. ${kind.otherwise}`,
    { cause, output },
  )
}
