import type { TableNames } from './names.ts'
import { epochMs } from './snapshot-statements.ts'

/** $1 namespace, $2 type, $3 node, $4 freeze, $5 detail. */
export function insertEvent(t: TableNames): string {
  return `INSERT INTO ${t.event} (namespace, type, epoch, node, freeze_id, detail)
  VALUES ($1, $2, (SELECT epoch FROM ${t.cluster} WHERE namespace = $1), $3, $4::uuid, $5::jsonb)`
}

/** The newest first. $1 namespace, $2 limit. */
export function selectEvents(t: TableNames): string {
  return `SELECT ${epochMs('at')} AS at, type, epoch::text AS epoch, node, freeze_id::text AS freeze_id, detail::text AS detail
  FROM ${t.event} WHERE namespace = $1 ORDER BY id DESC LIMIT $2::integer`
}
