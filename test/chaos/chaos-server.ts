import { type DatabaseName, type SqlServer, startMariadb, startMysql, startPostgres } from '@quiesce/test-servers'
import type { RawConnection } from '../support/raw-connection.ts'
import { mysqlTruth } from './truth/mysql-truth.ts'
import { postgresTruth } from './truth/postgres-truth.ts'
import type { TruthSource } from './truth/truth.ts'

/** What a run needs of a database product: a server that it may kill, and its log of commits. */
export interface ChaosDatabase {
  start(): Promise<SqlServer>
  truth(query: RawConnection['query']): Promise<TruthSource>
}

/** Servers of their own, because they are killed; each writes the log that the truth is read from. */
export const chaosDatabases: Readonly<Record<DatabaseName, ChaosDatabase>> = {
  postgres: {
    start: () => startPostgres({ settings: { wal_level: 'logical' } }),
    truth: postgresTruth,
  },
  mysql: {
    start: () => startMysql({ binlog: true, settings: { 'binlog-rows-query-log-events': 'ON' } }),
    truth: mysqlTruth,
  },
  mariadb: {
    start: () => startMariadb({ binlog: true, settings: { 'binlog-annotate-row-events': 'ON' } }),
    truth: mysqlTruth,
  },
}
