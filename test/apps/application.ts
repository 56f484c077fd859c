export type Isolation = 'READ COMMITTED' | 'REPEATABLE READ'

/** What the load needs of an application, whatever its ORM. */
export interface Application {
  write(sql: string): Promise<void>
  begin(isolation: Isolation): Promise<Transaction>
  close(): Promise<void>
}

/** A transaction; a failed commit rolls it back. */
export interface Transaction {
  write(sql: string): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
}
