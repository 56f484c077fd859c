import { serverVersion } from './query-once.ts'
import { startPostgres } from './start-postgres.ts'
import { TestServerError } from './test-server-error.ts'

/** The server a test run uses. */
export interface TestPostgres extends AsyncDisposable {
  readonly url: string
  readonly version: string
  /** Stops the server if this run started it. */
  close(): Promise<void>
}

/** Names the server to use instead of the embedded one. */
const variable = 'QUIESCE_TEST_POSTGRES_URL'

/**
 * Returns the server for a test run: the one named by `QUIESCE_TEST_POSTGRES_URL`, else an embedded one.
 *
 * A server that was asked for and cannot be reached is an error and not a reason to take another.
 *
 * @throws TestServerError `POSTGRES_UNREACHABLE` with the command that starts a server.
 */
export async function testPostgres(): Promise<TestPostgres> {
  const url = process.env[variable]
  if (url === undefined || url === '') {
    const server = await startPostgres()
    const close = (): Promise<void> => server.stop()
    return { url: server.url, version: server.version, close, [Symbol.asyncDispose]: close }
  }
  const version = await reach(url)
  const close = (): Promise<void> => Promise.resolve()
  return { url, version, close, [Symbol.asyncDispose]: close }
}

async function reach(url: string): Promise<string> {
  try {
    return await serverVersion(url)
  } catch (cause) {
    const message = [
      `Cannot reach the PostgreSQL server ${withoutPassword(url)} that ${variable} names: ${reasonOf(cause)}`,
      'Start one:',
      '  docker run --rm -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres:18 -c max_connections=300',
      `  export ${variable}=postgres://postgres@127.0.0.1:5432/postgres`,
      `or unset ${variable} to use the embedded server.`,
    ].join('\n')
    throw new TestServerError('POSTGRES_UNREACHABLE', message, { cause })
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
