import type { MysqlRecipe } from './mysql-recipe.ts'
import { mysqlKind } from './server-kind.ts'

/** With skip-name-resolve a connection from 127.0.0.1 is not one from localhost, the only host the server knows. */
const accounts = `
CREATE USER root@'127.0.0.1';
GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;
GRANT PROXY ON ''@'' TO root@'127.0.0.1' WITH GRANT OPTION;
`

export const mysqlRecipe: MysqlRecipe = {
  kind: mysqlKind,
  program: 'mysqld',
  // Distributions link the name to MariaDB.
  isOwnVersion: (output) => !output.includes('MariaDB'),
  // Stable releases have no MySQL.
  debianPackage: { suite: 'sid', name: 'mysql-server-core' },
  settings: {
    mysqlx: 'OFF',
    'innodb-redo-log-capacity': '16M',
  },
  binlog: {
    on: { 'log-bin': 'binlog', 'server-id': '1', 'sync-binlog': '0' },
    off: { 'skip-log-bin': 'ON' },
  },
  initialisation: ['--initialize-insecure', '--init-file=/dev/stdin'],
  script: () => Promise.resolve(accounts),
}
