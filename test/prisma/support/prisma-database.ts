import type { Dialect } from '../../../packages/core/src/dialects/dialect.ts'
import type { TestTables } from './tables.ts'
import type { WriteForm } from './write-form.ts'

/** A database product under Prisma, with the tables of the schema. */
export interface PrismaDatabase {
  readonly name: string
  readonly dialect: Dialect
  /** Makes an empty database with the tables. */
  open(): Promise<OpenDatabase>
  /** Raw SQL of its own, which no model names. */
  readonly rawForms: readonly WriteForm[]
  /** Names of forms that Prisma does not have for it. */
  readonly missingForms: readonly string[]
  /** Where statements run in a server, on several connections at once. */
  readonly server?: ServerDatabase
}

/** What a server can be made to do with a statement of somebody else's. */
export interface ServerDatabase {
  /** A rename of the first card that takes so long, written with `sleep(`. */
  slowRename(name: string, seconds: number): string
  /** Cuts the connections on which such a statement runs, and tells how many those were. */
  cutSleepers(query: TestTables['query']): Promise<number>
}

/** A database of a test's own. */
export interface OpenDatabase {
  readonly url: string
  readonly tables: TestTables
  drop(): Promise<void>
}
