/** What went wrong with a test server. */
export type TestServerErrorCode =
  | `${'POSTGRES' | 'MYSQL' | 'MARIADB' | 'PGBOUNCER'}_${'BINARIES_MISSING' | 'START_FAILED' | 'STOPPED' | 'UNREACHABLE'}`
  | `CHROMIUM_${'BINARIES_MISSING' | 'START_FAILED'}`
  | 'DATABASE_NOT_SELECTED'
  | 'DATABASE_UNKNOWN'
  | 'PROXY_FAILED'

/** Details of a {@link TestServerError}. */
export interface TestServerErrorOptions {
  readonly cause?: unknown
  /** Output of the server or of a tool; appended to the message. */
  readonly output?: string
}

/** The only error this package throws by itself; recognise it by `code`. */
export class TestServerError extends Error {
  override readonly name = 'TestServerError'
  readonly code: TestServerErrorCode
  /** Output of the failed program; empty when there was none. */
  readonly output: string

  constructor(code: TestServerErrorCode, message: string, options: TestServerErrorOptions = {}) {
    const output = options.output?.trim() ?? ''
    super(output === '' ? message : `${message}\n${output}`, { cause: options.cause })
    this.code = code
    this.output = output
  }
}
