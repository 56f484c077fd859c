import type { Pool } from 'pg'

/** What must not change while the cluster is read-only: the protected tables, without the exempt columns. */
const protectedContent: Readonly<Record<string, string>> = {
  collection: 'id, name',
  report_card: 'id, name, collection_id',
}

/** Tables in the order in which a copy may insert them. */
const allTables = [
  'collection',
  'report_card',
  'cloud_migration',
  'setting',
  'core_user',
  'core_session',
  'login_history',
  'audit_log',
  'view_log',
]

/** One checksum a row, by table and id. */
export type Content = ReadonlyMap<string, string>

/** Reads the protected content, as checksums that the database computes. */
export async function readContent(pool: Pool): Promise<Content> {
  const content = new Map<string, string>()
  for (const [table, columns] of Object.entries(protectedContent)) {
    const { rows } = await pool.query(`SELECT id, md5(row(${columns})::text) AS checksum FROM ${table}`)
    for (const { id, checksum } of rows) content.set(`${table}/${id}`, checksum)
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
export async function copyTables(source: Pool, target: Pool): Promise<number> {
  let copied = 0
  for (const table of allTables) {
    const { rows } = await source.query(
      `SELECT coalesce(json_agg(t), '[]')::text AS content, count(*)::int AS count FROM ${table} t`,
    )
    await target.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`, [
      rows[0]?.content,
    ])
    copied += rows[0]?.count ?? 0
  }
  return copied
}

/** How many of the acknowledged cards are not in the database. */
export async function countLost(pool: Pool, acknowledged: readonly string[]): Promise<number> {
  const { rows } = await pool.query(
    'SELECT count(*)::int AS lost FROM unnest($1::uuid[]) AS a(id) WHERE NOT EXISTS (SELECT FROM report_card c WHERE c.id = a.id)',
    [acknowledged],
  )
  return rows[0]?.lost ?? -1
}
