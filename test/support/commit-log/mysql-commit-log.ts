import type { RawConnection, Row } from '../raw-connection.ts'
import type { CommitLog } from './commit-log.ts'

interface Position {
  readonly file: string
  readonly offset: number
}

const FIRST_OFFSET = 4

/** The groups of the binary log: which tables each changes, and where it commits, `XA COMMIT` too. */
export async function mysqlCommitLog(query: RawConnection['query']): Promise<CommitLog> {
  const [{ name: database } = { name: '' }] = await query('SELECT DATABASE() AS name')
  const files = async (): Promise<readonly Row[]> => query('SHOW BINARY LOGS')
  /** Events from one position to another, each with the position at which it ends. */
  const events = async function* (since: Position, to: Position): AsyncGenerator<Row & { readonly ends: Position }> {
    const names = (await files()).map((row) => String(row['Log_name']))
    for (const file of names.slice(names.indexOf(since.file), names.indexOf(to.file) + 1)) {
      const rows = await query(
        `SHOW BINLOG EVENTS IN '${file}' FROM ${file === since.file ? since.offset : FIRST_OFFSET}`,
      )
      for (const row of rows) {
        const ends = { file, offset: Number(row['End_log_pos']) }
        if (isAfter(ends, to)) return
        yield { ...row, ends }
      }
    }
  }
  return {
    async position() {
      const last = (await files()).at(-1)
      return JSON.stringify({ file: last?.['Log_name'], offset: Number(last?.['File_size']) } satisfies Record<
        string,
        unknown
      >)
    },
    async commitsTo(tables, window) {
      const [since, from, to] = [window.since, window.from, window.to].map((text) => JSON.parse(text) as Position)
      if (since === undefined || from === undefined || to === undefined) return 0
      const wanted = tables.map((table) => `(${database}.${table})`)
      const prepared = new Map<string, boolean>()
      let commits = 0
      let touches = false
      for await (const { Event_type: type, Info: info = '', ends } of events(since, to)) {
        const text = String(info)
        const commit = (changed: boolean): void => {
          if (changed && isAfter(ends, from)) commits += 1
        }
        if (type === 'Table_map') touches ||= wanted.some((table) => text.includes(table))
        else if (type === 'Xid' || text === 'COMMIT') commit(touches)
        else if (type === 'XA_prepare') prepared.set(xidIn(text), touches)
        else if (text.startsWith('XA COMMIT')) commit(prepared.get(xidIn(text)) ?? false)
        if (/^(Anonymous_)?Gtid$/i.test(type)) touches = false
      }
      return commits
    },
  }
}

function isAfter(one: Position, other: Position): boolean {
  return one.file === other.file ? one.offset > other.offset : one.file > other.file
}

function xidIn(text: string): string {
  return /X'[0-9a-f]*',X'[0-9a-f]*',\d+/i.exec(text)?.[0] ?? ''
}
