import type { Statements } from '../../domain/executor.ts'
import type { FenceGap, FenceTable } from '../../domain/fence.ts'
import { readRow } from '../row.ts'
import type { ServerLanguage } from './server.ts'

/** What slips past the triggers of these tables; with `holdDdl` no DDL does. */
export async function triggerGaps(
  one: Statements,
  { product }: ServerLanguage,
  of: { readonly schemas: readonly string[]; readonly tables: readonly FenceTable[]; readonly holdDdl: boolean },
): Promise<readonly FenceGap[]> {
  return [
    ...(await cascadeGaps(one, of.schemas, of.tables)),
    ...(product === 'mariadb' ? await mariadbGaps(one, of.schemas) : []),
    ...standingGaps.filter(({ kind }) => !(of.holdDdl && kind === 'ddl')),
  ]
}

/** What no trigger of MySQL or MariaDB sees, on every database; the rows of the truth table that pass. */
const standingGaps: readonly FenceGap[] = [
  {
    kind: 'ddl',
    message:
      'TRUNCATE and every other DDL (ALTER, DROP, RENAME, partitions that are exchanged or emptied, DROP TRIGGER) is not refused: take DROP, ALTER and TRIGGER from accounts that could use them',
  },
  {
    kind: 'replication',
    message: 'rows that this server receives as a replica fire no triggers: STOP REPLICA stops them',
  },
]

/** A foreign key that changes rows of one table because of another. */
interface Cascade {
  readonly child: string
  readonly parent: string
  readonly onDelete: boolean
  readonly onUpdate: boolean
}

/**
 * Foreign keys fire no triggers. Where the parent is fenced too, nobody can delete or renumber its rows in the first
 * place; so what is left are the fenced children of parents that may be written.
 */
async function cascadeGaps(
  one: Statements,
  schemas: readonly string[],
  tables: readonly FenceTable[],
): Promise<readonly FenceGap[]> {
  const fenced = new Map(tables.map((table) => [`${table.schema}.${table.table}`, table.refuse]))
  const places = schemas.map(() => '?').join(', ')
  const rows = (await one.execute(`${selectCascades} (${places})`, schemas)).rows
  return rows.map(cascade).flatMap(({ child, parent, onDelete, onUpdate }) => {
    const parentRefuses = fenced.get(parent)
    const deletes = onDelete && parentRefuses?.delete !== true
    const updates = onUpdate && (parentRefuses?.update ?? false) === false
    if (!fenced.has(child) || !(deletes || updates)) return []
    const what = [...(deletes ? ['DELETE'] : []), ...(updates ? ['UPDATE'] : [])].join(' or ')
    return {
      kind: 'cascade',
      subject: child,
      message: `${what} on ${parent}, which is not fenced against it, changes ${child} through a foreign key`,
    }
  })
}

const selectCascades = `
SELECT CONSTRAINT_SCHEMA AS child_schema, TABLE_NAME AS child, UNIQUE_CONSTRAINT_SCHEMA AS parent_schema,
  REFERENCED_TABLE_NAME AS parent, DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') AS on_delete,
  UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') AS on_update
FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA IN`

function cascade(row: Parameters<typeof readRow>[0]): Cascade {
  const r = readRow(row)
  return {
    child: `${r.text('child_schema')}.${r.text('child')}`,
    parent: `${r.text('parent_schema')}.${r.text('parent')}`,
    onDelete: r.boolean('on_delete'),
    onUpdate: r.boolean('on_update'),
  }
}

/** MariaDB: sequences, and prepared transactions whose session has ended, which no DDL waits for there. */
async function mariadbGaps(one: Statements, schemas: readonly string[]): Promise<readonly FenceGap[]> {
  const places = schemas.map(() => '?').join(', ')
  const sequences = (await one.execute(`${selectSequences} (${places})`, schemas)).rows.map((row) => {
    const r = readRow(row)
    const subject = `${r.text('table_schema')}.${r.text('table_name')}`
    return { kind: 'sequence', subject, message: `NEXTVAL and SETVAL of the sequence ${subject} are not refused` }
  })
  const prepared = (await one.execute('XA RECOVER')).rows.length
  if (prepared === 0) return sequences
  const message = `${prepared} transaction(s) of the server are prepared (XA); what one of them has written comes in with XA COMMIT`
  return [...sequences, { kind: 'prepared-transaction', message }]
}

const selectSequences = `SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name FROM information_schema.TABLES
  WHERE TABLE_TYPE = 'SEQUENCE' AND TABLE_SCHEMA IN`
