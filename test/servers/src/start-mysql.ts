import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { mariadbRecipe } from './mariadb.ts'
import { mysqlRecipe } from './mysql.ts'
import { prepareMysqlPrograms } from './mysql-programs.ts'
import type { MysqlRecipe, MysqlSettings } from './mysql-recipe.ts'
import { copyMysqlTemplate } from './mysql-template.ts'
import type { SqlServer } from './sql-server.ts'
import { type ServerOptions, startServer } from './start-server.ts'

/** How to start a MySQL or MariaDB. */
export interface MysqlOptions extends ServerOptions {
  /** Writes a binary log in row format, with server id 1. Default false. */
  readonly binlog?: boolean
}

const testSettings: MysqlSettings = {
  'bind-address': '127.0.0.1',
  // Relative to the data directory: the system limits the length of a socket's path.
  socket: 'server.sock',
  'skip-name-resolve': '1',
  'max-connections': '300',
  'local-infile': '1',
  'secure-file-priv': '',
  'innodb-buffer-pool-size': '32M',
  // The system has few slots for it, and several servers run at once.
  'innodb-use-native-aio': '0',
  // A crash of the server loses nothing with these two, only a crash of the machine does.
  'innodb-flush-log-at-trx-commit': '2',
  'innodb-doublewrite': '0',
}

/**
 * Starts a real MySQL: the installed `mysqld`, else version 9.7 or later from Debian unstable; no docker, no root.
 *
 * Nothing is installed: the first start downloads 48 MB of packages to the user's cache, where later ones find them.
 * As root the server runs as `nobody`. It never outlives this process and does not keep it alive.
 *
 * @throws TestServerError `MYSQL_BINARIES_MISSING` or `MYSQL_START_FAILED`; the signal's reason when it aborts.
 * @example
 * await using server = await startMysql({ binlog: true, settings: { 'lock-wait-timeout': '2' } })
 * const url = await server.createDatabase()
 */
export function startMysql(options: MysqlOptions = {}): Promise<SqlServer> {
  return start(mysqlRecipe, options)
}

/**
 * Starts a real MariaDB: the installed `mariadbd`, else version 10.11 from Debian 12; otherwise like {@link startMysql}.
 *
 * @throws TestServerError `MARIADB_BINARIES_MISSING` or `MARIADB_START_FAILED`; the signal's reason when it aborts.
 */
export function startMariadb(options: MysqlOptions = {}): Promise<SqlServer> {
  return start(mariadbRecipe, options)
}

async function start(recipe: MysqlRecipe, options: MysqlOptions): Promise<SqlServer> {
  options.signal?.throwIfAborted()
  const programs = await prepareMysqlPrograms(recipe)
  const base = { ...testSettings, ...recipe.settings }
  const binlog = options.binlog === true ? recipe.binlog.on : recipe.binlog.off
  const settings = { ...base, ...binlog, ...options.settings }
  return startServer(
    {
      kind: recipe.kind,
      async initialise(directory) {
        if (existsSync(join(directory, 'mysql'))) return
        await copyMysqlTemplate(recipe, programs, toArguments({ ...base, ...recipe.binlog.off }), directory)
      },
      command: (directory, port) => ({
        program: programs.server.program,
        arguments: [
          ...programs.server.arguments,
          // MariaDB removes every temporary table that it finds here when it starts, those of other servers too.
          ...[`--datadir=${directory}`, `--tmpdir=${directory}`, `--port=${port}`],
          ...toArguments(settings),
        ],
      }),
      url: (port) => `mysql://root@127.0.0.1:${port}/`,
    },
    options,
  )
}

function toArguments(settings: MysqlSettings): readonly string[] {
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
}
