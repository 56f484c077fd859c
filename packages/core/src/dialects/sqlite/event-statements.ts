import type { SqliteStatements } from './executor.ts'
import type { TableNames } from './names.ts'
import { now } from './time.ts'

/** One line of the audit trail. */
export interface EventLine {
  readonly namespace: string
  readonly type: string
  readonly epoch?: string | undefined
  readonly node?: string | undefined
  readonly freezeId?: string | undefined
  readonly detail?: object
}

/** Writes a line, in the transaction of what it tells. */
export function insertEvent(t: TableNames, db: SqliteStatements, line: EventLine): void {
  const { namespace, type, epoch = null, node = null, freezeId = null, detail = {} } = line
  db.run(
    `INSERT INTO ${t.event} (namespace, at, type, epoch, node, freeze_id, detail)
    VALUES (@namespace, ${now}, @type, @epoch, @node, @freezeId, @detail)`,
    { namespace, type, epoch, node, freezeId, detail: JSON.stringify(detail) },
  )
}

/** The newest first. Parameters: namespace, limit. */
export function selectEvents(t: TableNames): string {
  return `SELECT at, type, CAST(epoch AS TEXT) AS epoch, node, freeze_id, detail
  FROM ${t.event} WHERE namespace = @namespace ORDER BY id DESC LIMIT CAST(@limit AS INTEGER)`
}
