import { chooseDialect } from '../dialects/choose-dialect.ts'
import type { ClusterOptions } from './cluster-options.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment variables by which a child process's database connections pass the fence of a freeze (`Freeze.token`)
 * without the program knowing of it: `PGOPTIONS` for PostgreSQL, on top of what `environment` has there;
 * `QUIESCE_INIT_COMMAND` for MySQL and MariaDB, to be given to the client's `--init-command`. Empty where there is no way.
 */
export function clientEnvironment(
  database: ClusterOptions['database'],
  token: string,
  environment: Environment,
): Readonly<Record<string, string>> {
  return chooseDialect(database)?.clientEnvironment?.(token, environment) ?? {}
}

/**
 * A database URL whose connections pass the fence of a freeze, for programs that read no such variables; `undefined`
 * where a URL cannot say it. It contains the secret.
 */
export function urlWithToken(url: string, token: string): string | undefined {
  return chooseDialect(url)?.urlWithToken?.(url, token)
}
