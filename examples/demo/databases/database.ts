/** The database products that the demo can run on. */
export const products = ['postgres', 'mysql', 'mariadb'] as const
export type Product = (typeof products)[number]

/** A row as a driver gives it. */
export type Row = Readonly<Record<string, unknown>>

/** One database, seen through connections that no guard knows. */
export interface Database {
  readonly url: string
  /** Creates the tables of the application. */
  seed(): Promise<void>
  query(sql: string): Promise<readonly Row[]>
  /** Rows of a table with a checksum, which the database computes over the given columns. */
  checksums(table: string, columns: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Inserts rows that were read from the same table elsewhere. */
  insert(table: string, rows: readonly Row[]): Promise<void>
  /** A coordination table, qualified. */
  coordinationTable(name: string): string
  end(): Promise<void>
}

/** A running server with an application's database and one to copy it into. */
export interface Server {
  readonly label: string
  readonly app: Database
  readonly copy: Database
  stop(): Promise<void>
}
