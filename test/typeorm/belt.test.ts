import { wantedDatabases } from '@quiesce/test-servers'
import * as typeorm from 'typeorm'
import { describeBelt } from './belt-suite.ts'
import { mysqlTarget } from './mysql/mysql-target.ts'
import { postgresTarget } from './postgres-target.ts'

for (const kind of wantedDatabases()) {
  if (kind === 'postgres') {
    describeBelt(typeorm, {
      target: postgresTarget,
      createFunction: `CREATE FUNCTION log_it() RETURNS int LANGUAGE sql AS $$ INSERT INTO setting (name) VALUES ('logged') RETURNING 1 $$`,
      call: 'SELECT log_it()',
      isReadOnly: 'SHOW default_transaction_read_only',
    })
  } else {
    describeBelt(typeorm, {
      target: mysqlTarget(kind),
      createFunction: `CREATE FUNCTION log_it() RETURNS int DETERMINISTIC MODIFIES SQL DATA BEGIN INSERT INTO setting (name) VALUES ('logged'); RETURN 1; END`,
      call: 'SELECT log_it()',
      isReadOnly: `SELECT @@${kind === 'mysql' ? 'transaction' : 'tx'}_read_only AS answer`,
    })
  }
}
