import type { FenceGap, TableRef } from '../../domain/fence.ts'
import { someOf } from '../table-choice.ts'
import { FOREIGN_TRUNCATE, type FoundTable } from './fence-coverage.ts'

/** What of one table that shall be protected no trigger can refuse. */
export function tableGaps({ schema, table, kind, ofExtension, version }: FoundTable): readonly FenceGap[] {
  const subject = `${schema}.${table}`
  if (kind === 'm')
    return [
      { kind: 'materialized-view', subject, message: `REFRESH of the materialized view ${subject} is not refused` },
    ]
  if (ofExtension)
    return [{ kind: 'extension-table', subject, message: `${subject} belongs to an extension and is not fenced` }]
  if (kind === 'f' && version < FOREIGN_TRUNCATE)
    return [{ kind: 'foreign-truncate', subject, message: `TRUNCATE of the foreign table ${subject} is not refused` }]
  return []
}

/** Tables that the freezing role neither owns nor may write: programs that connect as another role may. */
export function strangerGaps(tables: readonly TableRef[]): readonly FenceGap[] {
  if (tables.length === 0) return []
  const message = `${someOf(tables)} are neither owned nor writable by the role, so they are not fenced; programs with another role may write them. Connect as a member of their owner to fence them too`
  return [{ kind: 'other-role', message }]
}

/** What no trigger of PostgreSQL sees, on every database; the rows of the truth table that pass. */
export function standingGaps(subscriptions: number): readonly FenceGap[] {
  return [
    {
      kind: 'ddl',
      message: 'schema changes (ALTER, DROP, DISABLE TRIGGER, REFRESH) by owners and superusers are not refused',
    },
    { kind: 'sequence', message: 'nextval() and setval() are not refused' },
    { kind: 'large-object', message: 'large objects are not refused' },
    ...(subscriptions === 0
      ? []
      : [
          {
            kind: 'logical-replication',
            message: `${subscriptions} subscription(s) write into this database: their workers fire no statement triggers. ALTER SUBSCRIPTION … DISABLE stops them`,
          },
        ]),
  ]
}
