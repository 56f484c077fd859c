import type { TableNames } from './names.ts'
import { epochMs } from './snapshot-statements.ts'

/** The newest first. $1 namespace, $2 limit. */
export function selectEvents(t: TableNames): string {
  return `SELECT ${epochMs('at')} AS at, type, epoch::text AS epoch, node, freeze_id::text AS freeze_id, detail::text AS detail
  FROM ${t.event} WHERE namespace = $1 ORDER BY id DESC LIMIT $2::integer`
}
