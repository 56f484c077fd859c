import type { TruthEvent, TruthSource } from './truth.ts'

type Query = (sql: string, parameters?: readonly unknown[]) => Promise<readonly Record<string, string>[]>

interface Position {
  readonly file: string
  readonly position: number
}

const FIRST_POSITION = 4

/**
 * Reads the binary log of MySQL or MariaDB: transactions in the order of their commits, each row change with the
 * statement that made it (`binlog_rows_query_log_events`, `binlog_annotate_row_events`).
 */
export async function mysqlTruth(query: Query): Promise<TruthSource> {
  let next: Position = { file: '', position: FIRST_POSITION }
  const end = async (): Promise<Position> => {
    const files = await query('SHOW BINARY LOGS')
    const last = files.at(-1)
    return { file: last?.['Log_name'] ?? '', position: Number(last?.['File_size'] ?? FIRST_POSITION) }
  }
  next = await end()
  return {
    async read() {
      const files = (await query('SHOW BINARY LOGS')).map((row) => row['Log_name'] ?? '')
      const found: TruthEvent[] = []
      for (const file of files.slice(Math.max(0, files.indexOf(next.file)))) {
        const position = file === next.file ? next.position : FIRST_POSITION
        const rows = await query(`SHOW BINLOG EVENTS IN '${file}' FROM ${position}`)
        found.push(...rows.filter(isStatement).flatMap(({ Info = '' }) => eventOf(Info)))
        next = { file, position: Number(rows.at(-1)?.['End_log_pos'] ?? position) }
      }
      return found
    },
  }
}

function isStatement(row: Record<string, string>): boolean {
  return row['Event_type'] === 'Rows_query' || row['Event_type'] === 'Annotate_rows'
}

const entry = /INSERT INTO entry \(id\) VALUES \('([^']+)'\)/
const mark = /INSERT INTO mark \(name, freeze_id\) VALUES \('(resolved|thawing)', ?'([^']+)'\)/
const mode = /quiesce_cluster`? SET epoch = (?:CAST\(')?(\d+)[\s\S]* mode = '([a-z-]+)'/
/** A row that is made anew begins so. */
const anew = /INSERT (IGNORE )?INTO \S*quiesce_cluster[\s\S]*'read-write'/

function eventOf(statement: string): readonly TruthEvent[] {
  const id = entry.exec(statement)?.[1]
  if (id !== undefined) return [{ kind: 'entry', id }]
  const [, name, freeze = ''] = mark.exec(statement) ?? []
  if (name !== undefined) return [{ kind: 'mark', mark: name === 'resolved' ? 'resolved' : 'thawing', freeze }]
  const [, epoch, changed] = mode.exec(statement) ?? []
  if (changed !== undefined) return [{ kind: 'mode', mode: changed, epoch: Number(epoch) }]
  return anew.test(statement) ? [{ kind: 'mode', mode: 'read-write', epoch: undefined }] : []
}
