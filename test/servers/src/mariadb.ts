import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MysqlRecipe } from './mysql-recipe.ts'
import { mariadbKind } from './server-kind.ts'

/** What `mariadb-install-db` runs too; it also fills the tables of `HELP`, which takes longer than all of these. */
const scripts = [
  'mysql_system_tables.sql',
  'mysql_performance_tables.sql',
  'mysql_system_tables_data.sql',
  'maria_add_gis_sp_bootstrap.sql',
  'mysql_sys_schema.sql',
]

export const mariadbRecipe: MysqlRecipe = {
  kind: mariadbKind,
  program: 'mariadbd',
  isOwnVersion: () => true,
  debianPackage: { suite: 'bookworm', name: 'mariadb-server-core' },
  settings: {
    'innodb-log-file-size': '16M',
    // The default is latin1.
    'character-set-server': 'utf8mb4',
  },
  binlog: {
    on: { 'log-bin': 'binlog', 'server-id': '1', 'sync-binlog': '0', 'binlog-format': 'ROW' },
    off: { 'skip-log-bin': '1' },
  },
  initialisation: ['--bootstrap', '--enforce-storage-engine=', '--max-allowed-packet=8M', '--net-buffer-length=16K'],
  async script({ share }) {
    const texts = await Promise.all(scripts.map((name) => readScript(share, name)))
    // Without `auth_root_socket` the scripts make a root without a password, also for 127.0.0.1.
    return `CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n${texts.join('\n')}`
  },
}

/** MariaDB 11 calls the files `mariadb_…`. */
function readScript(share: string, name: string): Promise<string> {
  return readFile(join(share, name.replace('mysql_', 'mariadb_')), 'utf8').catch(() =>
    readFile(join(share, name), 'utf8'),
  )
}
