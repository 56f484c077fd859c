import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDataDirectory, handOver, removeDataDirectory } from './data-directory.ts'
import { debianCommand, prepareDebianRoot } from './debian-root.ts'
import { type LaunchOptions, launchOnFreePort } from './launch-on-free-port.ts'
import { startOrphanGuard } from './orphan-guard.ts'
import { pgbouncerKind } from './server-kind.ts'
import type { Command } from './server-process.ts'
import { stopProcess } from './stop-process.ts'

/** How to start a pooler. */
export interface PgbouncerOptions extends LaunchOptions {
  /** When a server connection goes back to the pool. Default `transaction`. */
  readonly poolMode?: 'session' | 'transaction' | 'statement'
  /** Settings of the section `pgbouncer`, for example `default_pool_size`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Further users that may connect; the one of the target URL always may. */
  readonly users?: readonly string[]
}

/** A running pooler. */
export interface Pgbouncer extends AsyncDisposable {
  /** The target's URL, but through the pooler. Other databases of the target can be reached too. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Ends the pooler and breaks its connections. */
  stop(): Promise<void>
}

/**
 * Starts a PgBouncer 1.18 of Debian 12 in front of a PostgreSQL server; clients need no password.
 *
 * The first start downloads 9 MB of packages to the user's cache and installs nothing. As root it runs as `nobody`. It
 * never outlives this process and does not keep it alive.
 *
 * This version knows no prepared statements with a name in the modes `transaction` and `statement`.
 *
 * @throws TestServerError `PGBOUNCER_BINARIES_MISSING` or `PGBOUNCER_START_FAILED`
 * @example
 * await using pooler = await startPgbouncer(database.url, { settings: { default_pool_size: '2' } })
 */
export async function startPgbouncer(targetUrl: string, options: PgbouncerOptions = {}): Promise<Pgbouncer> {
  options.signal?.throwIfAborted()
  const kind = pgbouncerKind
  const root = await prepareDebianRoot(kind, { suite: 'bookworm', name: 'pgbouncer' })
  const directory = await createDataDirectory(kind.name, undefined, false)
  const guard = startOrphanGuard(kind.stopSteps.immediate[0][0], directory.path)
  try {
    const draft = {
      kind,
      command: (port: number) => configure(root, directory.path, port, new URL(targetUrl), options),
      logFile: join(directory.path, 'server.log'),
      guard,
    }
    const { launch, process } = await launchOnFreePort(draft, options)
    const stop = async (): Promise<void> => {
      await stopProcess(process, kind.stopSteps.immediate)
      guard.release()
      await removeDataDirectory(directory)
    }
    const url = throughPort(targetUrl, launch.port)
    return { url, port: launch.port, pid: process.pid, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    guard.release()
    await removeDataDirectory(directory)
    throw error
  }
}

async function configure(
  root: string,
  directory: string,
  port: number,
  target: URL,
  options: PgbouncerOptions,
): Promise<Command> {
  const configuration = join(directory, 'pgbouncer.ini')
  const users = join(directory, 'users.txt')
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'trust',
    auth_file: users,
    pool_mode: options.poolMode ?? 'transaction',
    max_client_conn: '1000',
    ignore_startup_parameters: 'extra_float_digits',
    ...options.settings,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  const databases = `[databases]\n* = host=${target.hostname} port=${target.port || '5432'}`
  const password = decodeURIComponent(target.password)
  const entries = [[decodeURIComponent(target.username), password], ...(options.users ?? []).map((user) => [user, ''])]
  await writeFile(configuration, `${databases}\n[pgbouncer]\n${lines.join('\n')}\n`)
  await writeFile(users, entries.map((entry) => `${entry.map(quote).join(' ')}\n`).join(''))
  await Promise.all([configuration, users].map(handOver))
  const { program, arguments: begin } = debianCommand(root, 'usr/sbin/pgbouncer')
  return { program, arguments: [...begin, configuration] }
}

function quote(value = ''): string {
  return `"${value.replaceAll('"', '""')}"`
}

function throughPort(targetUrl: string, port: number): string {
  const url = new URL(targetUrl)
  url.host = `127.0.0.1:${port}`
  return url.href
}
