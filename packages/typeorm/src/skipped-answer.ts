import type { SkippedWrite } from '@quiesce/core/adapter'
import type { Call } from './patches.ts'

/** What `query()` gives when its third argument asks for more than the driver's own answer. */
interface StructuredResult {
  readonly raw: unknown
  readonly records: readonly unknown[]
  readonly affected: number
}

/** The drivers whose UPDATE and DELETE answer with the rows of RETURNING and their count. */
const PAIRING: ReadonlySet<string> = new Set(['postgres', 'aurora-postgres', 'cockroachdb'])
/** The drivers of mysql2, whose writes answer with a header. */
const HEADING: ReadonlySet<string> = new Set(['mysql', 'mariadb', 'aurora-mysql'])

const HEADER = {
  fieldCount: 0,
  affectedRows: 0,
  insertId: 0,
  info: '',
  serverStatus: 2,
  warningStatus: 0,
  changedRows: 0,
}

/**
 * Answers a `query()` that is not sent as its driver would have: nothing has changed, no key was made, and the rows that
 * it asks for are as they are.
 */
export async function answerOfSkipped(
  driverType: string,
  query: Call,
  [, parameters, isStructured]: readonly unknown[],
  skipped: SkippedWrite,
): Promise<unknown> {
  const records = await readRows(query, Array.isArray(parameters) ? parameters : [], skipped)
  const raw = rawOf(driverType, skipped, records)
  return isStructured === true ? ({ raw, records, affected: 0 } satisfies StructuredResult) : raw
}

async function readRows(query: Call, parameters: readonly unknown[], { rows }: SkippedWrite): Promise<unknown[]> {
  if (rows === undefined) return []
  const found = await query([rows.sql, rows.parameters.map((index) => parameters[index])])
  return Array.isArray(found) ? found : []
}

function rawOf(driverType: string, { operation, rows }: SkippedWrite, records: readonly unknown[]): unknown {
  if (PAIRING.has(driverType)) return operation === 'insert' ? records : [records, 0]
  if (rows !== undefined) return records
  return HEADING.has(driverType) ? { ...HEADER } : 0
}
