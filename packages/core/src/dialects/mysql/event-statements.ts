import type { TableNames } from './names.ts'
import { epochMs, now } from './time.ts'

/** ? namespace, type, epoch, node, freeze id, detail as JSON. */
export function insertEvent(t: TableNames): string {
  return `INSERT INTO ${t.event} (namespace, at, type, epoch, node, freeze_id, detail)
  VALUES (?, ${now}, ?, CAST(? AS SIGNED), ?, ?, ?)`
}

/** The newest first. ? namespace, limit. */
export function selectEvents(t: TableNames): string {
  return `SELECT ${epochMs('at')} AS at, type, epoch, node, freeze_id, detail
  FROM ${t.event} WHERE namespace = ? ORDER BY id DESC LIMIT ?`
}
