import { databaseCommands } from './database-commands.ts'
import { mariadbKind, mysqlKind, postgresKind, type ServerKind } from './server-kind.ts'
import type { SqlServer } from './sql-server.ts'
import { startMariadb, startMysql } from './start-mysql.ts'
import { startPostgres } from './start-postgres.ts'
import { TestServerError } from './test-server-error.ts'
import type { DatabaseName } from './wanted-databases.ts'

/** The server a test run uses. */
export interface TestServer extends AsyncDisposable {
  readonly label: string
  readonly url: string
  readonly version: string
  /** Stops the server if this run started it. */
  close(): Promise<void>
}

interface Provision {
  readonly kind: ServerKind
  /** Names the server to use instead of our own. */
  readonly variable: string
  start(): Promise<SqlServer>
}

const provisions: Readonly<Record<DatabaseName, Provision>> = {
  postgres: { kind: postgresKind, variable: 'QUIESCE_TEST_POSTGRES_URL', start: () => startPostgres() },
  mysql: { kind: mysqlKind, variable: 'QUIESCE_TEST_MYSQL_URL', start: () => startMysql({ binlog: true }) },
  mariadb: { kind: mariadbKind, variable: 'QUIESCE_TEST_MARIADB_URL', start: () => startMariadb({ binlog: true }) },
}

/**
 * Returns the server for a test run: the one that the environment names (`QUIESCE_TEST_…_URL`), else our own.
 *
 * Our own MySQL and MariaDB write a binary log. A server that was asked for and cannot be reached is an error and not a
 * reason to take another.
 *
 * @throws TestServerError `…_UNREACHABLE` with the command that starts a server.
 */
export async function testServer(name: DatabaseName): Promise<TestServer> {
  const { kind, variable, start } = provisions[name]
  const url = process.env[variable]
  if (url === undefined || url === '') {
    const server = await start()
    const close = (): Promise<void> => server.stop('immediate')
    return { label: kind.label, url: server.url, version: server.version, close, [Symbol.asyncDispose]: close }
  }
  const version = await reach(kind, variable, url)
  const close = (): Promise<void> => Promise.resolve()
  return { label: kind.label, url, version, close, [Symbol.asyncDispose]: close }
}

async function reach(kind: ServerKind, variable: string, url: string): Promise<string> {
  try {
    return await databaseCommands(url).version(url)
  } catch (cause) {
    const message = [
      `Cannot reach the ${kind.label} server ${withoutPassword(url)} that ${variable} names: ${reasonOf(cause)}`,
      kind.otherwise,
      `or unset ${variable} to let the tests start one.`,
    ].join('\n')
    throw new TestServerError(`${kind.code}_UNREACHABLE`, message, { cause })
  }
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return '(not a URL)'
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

/** A refused connection to a name with several addresses has an empty message and the reasons inside. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
