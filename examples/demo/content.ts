import type { Database } from './databases/database.ts'

/** What must not change while the cluster is read-only: the protected tables, without the exempt columns. */
const protectedContent: Readonly<Record<string, readonly string[]>> = {
  collection: ['id', 'name'],
  report_card: ['id', 'name', 'collection_id'],
}

/** Tables in the order in which a copy may insert them. */
const allTables = [
  ...['collection', 'report_card', 'cloud_migration', 'setting', 'core_user', 'core_session', 'login_history'],
  ...['audit_log', 'view_log'],
]

/** One checksum a row, by table and id. */
export type Content = ReadonlyMap<string, string>

/** Reads the protected content, as checksums that the database computes. */
export async function readContent(database: Database): Promise<Content> {
  const content = new Map<string, string>()
  for (const [table, columns] of Object.entries(protectedContent)) {
    for (const [id, checksum] of await database.checksums(table, columns)) content.set(`${table}/${id}`, checksum)
  }
  return content
}

/** How many rows differ, were added or are gone. */
export function countDifferences(before: Content, after: Content): number {
  let differences = 0
  for (const [key, checksum] of before) if (after.get(key) !== checksum) differences += 1
  for (const key of after.keys()) if (!before.has(key)) differences += 1
  return differences
}

/** The maintenance job: copies every table into another database; returns the number of rows. */
export async function copyTables(source: Database, target: Database): Promise<number> {
  let copied = 0
  for (const table of allTables) {
    const rows = await source.query(`SELECT * FROM ${table}`)
    await target.insert(table, rows)
    copied += rows.length
  }
  return copied
}

/** How many of the acknowledged cards are not in the database. */
export async function countLost(database: Database, acknowledged: readonly string[]): Promise<number> {
  const present = new Set((await database.query('SELECT id FROM report_card')).map(({ id }) => id))
  return acknowledged.filter((id) => !present.has(id)).length
}
