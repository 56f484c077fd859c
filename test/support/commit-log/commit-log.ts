import type { RawConnection } from '../raw-connection.ts'
import { mysqlCommitLog } from './mysql-commit-log.ts'
import { postgresCommitLog } from './postgres-commit-log.ts'

/** A part of a server's log: commits count from `from` to `to`, what they had written before from `since` on. */
export interface LogWindow {
  readonly since: string
  readonly from: string
  readonly to: string
}

/** What the database's own log of commits says, whoever wrote and whatever is in the tables afterwards. */
export interface CommitLog {
  /** Where the log ends now. */
  position(): Promise<string>
  /** How many transactions that committed in the window had changed one of these tables of the current database. */
  commitsTo(tables: readonly string[], window: LogWindow): Promise<number>
}

/** The log of the server that a database is on: PostgreSQL's write-ahead log, or the binary log of MySQL and MariaDB. */
export function commitLog(kind: string, query: RawConnection['query']): Promise<CommitLog> {
  return kind === 'postgres' ? postgresCommitLog(query) : mysqlCommitLog(query)
}
