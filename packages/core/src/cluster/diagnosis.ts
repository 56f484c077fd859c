import type { OpenWriter, SchemaVersion } from '../domain/store.ts'
import type { Parts } from './assemble.ts'
import { detectMembers, type Members } from './members.ts'
import { identityOf } from './node-identity.ts'
import { unknownColumns, unknownNames } from './unknown-names.ts'

/** What this process finds out about the database and its own settings, for `doctor` and for support. */
export interface Diagnosis {
  /** Of the coordination tables. */
  readonly schema: SchemaVersion
  /** What in the server's settings or the role's rights weakens the guarantees, in words. */
  readonly warnings: readonly string[]
  /**
   * What `exempt` and `skip` name although the database does not have it, tables and columns, in words; empty while the
   * coordination tables are missing.
   */
  readonly unknownNames: readonly string[]
  /** Who is there; `undefined` while the tables are missing. */
  readonly members: Members | undefined
  /** Transactions that a freeze would wait for; `undefined` where the server or the role's rights do not tell. */
  readonly writers: readonly OpenWriter[] | undefined
  /** Names the exemptions of this process's options; nodes of one cluster must agree. */
  readonly policyHash: string
  readonly libraryVersion: string
}

/** Asks the server, without joining. */
export async function diagnose({ store, options, defaultSchema }: Parts): Promise<Diagnosis> {
  const schema = await store.schemaVersion()
  const usable = schema.found === schema.known
  const [warnings = [], names = [], columns = [], members, writers] = await Promise.all([
    usable ? store.warnings?.() : undefined,
    usable ? unknownNames(store, options, defaultSchema) : undefined,
    usable ? unknownColumns(store, options, defaultSchema) : undefined,
    usable ? detectMembers(store, options.detect) : undefined,
    usable ? store.openWriters() : undefined,
  ])
  const { policyHash, libraryVersion } = identityOf(options)
  return { schema, warnings, unknownNames: [...names, ...columns], members, writers, policyHash, libraryVersion }
}
