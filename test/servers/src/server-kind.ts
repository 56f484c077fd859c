/** `fast` ends the sessions and shuts down cleanly; `immediate` may leave a crash to recover from. */
export type StopMode = 'fast' | 'immediate'

/** What to send, and how long to wait before the next step. */
export type StopStep = readonly [signal: NodeJS.Signals, waitMs: number]

/** A product whose programs are had from somewhere. */
export interface Product {
  /** For people. */
  readonly label: string
  /** For names of directories. */
  readonly name: string
  /** Begins the error codes. */
  readonly code: 'POSTGRES' | 'MYSQL' | 'MARIADB' | 'PGBOUNCER' | 'CHROMIUM'
  /** How to get along without the programs that this package would get. */
  readonly otherwise: string
}

/** What the code that runs servers has to know about a product. */
export interface ServerKind extends Product {
  readonly code: Exclude<Product['code'], 'CHROMIUM'>
  /** The line of the log that says that connections are accepted. */
  readonly readyMessage: string
  /** What the log of a failed start says while a killed server is still on its way out. */
  readonly busyMessage?: string
  readonly stopSteps: Readonly<Record<StopMode, readonly [StopStep, ...StopStep[]]>>
}

const killed: StopStep = ['SIGKILL', 5_000]
const mysqlSteps = { fast: [['SIGTERM', 15_000], killed], immediate: [killed] } as const

export const postgresKind: ServerKind = {
  label: 'PostgreSQL',
  name: 'postgres',
  code: 'POSTGRES',
  readyMessage: 'database system is ready to accept',
  busyMessage: 'pre-existing shared memory block',
  stopSteps: {
    // A frozen backend can hold up a fast shutdown.
    fast: [['SIGINT', 5_000], ['SIGQUIT', 7_000], killed],
    immediate: [['SIGQUIT', 7_000], killed],
  },
  otherwise: useOther('postgres', 'QUIESCE_TEST_POSTGRES_URL', 'postgres://postgres@127.0.0.1:5432/postgres'),
}

export const mysqlKind: ServerKind = {
  label: 'MySQL',
  name: 'mysql',
  code: 'MYSQL',
  readyMessage: ': ready for connections.',
  stopSteps: mysqlSteps,
  otherwise: useOther('mysql', 'QUIESCE_TEST_MYSQL_URL', 'mysql://root@127.0.0.1:3306/'),
}

export const mariadbKind: ServerKind = {
  label: 'MariaDB',
  name: 'mariadb',
  code: 'MARIADB',
  readyMessage: ': ready for connections.',
  stopSteps: mysqlSteps,
  otherwise: useOther('mariadb', 'QUIESCE_TEST_MARIADB_URL', 'mysql://root@127.0.0.1:3307/'),
}

export const pgbouncerKind: ServerKind = {
  label: 'PgBouncer',
  name: 'pgbouncer',
  code: 'PGBOUNCER',
  readyMessage: 'process up: PgBouncer',
  // It has nothing to lose, and what the gentler signals mean depends on its version.
  stopSteps: { fast: [killed], immediate: [killed] },
  otherwise: 'Install the program pgbouncer.',
}

function useOther(service: string, variable: string, url: string): string {
  return [
    'Start one yourself:',
    `  docker compose -f test/servers/compose.yaml up --wait ${service}`,
    `  export ${variable}=${url}`,
    'or name only the databases that you have, for example: export QUIESCE_TEST_DATABASES=postgres',
  ].join('\n')
}
