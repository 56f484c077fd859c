import { acceptedDatabases, chooseDialect } from '../../dialects/choose-dialect.ts'
import { QuiesceError } from '../../domain/errors.ts'
import type { SqlExecutor } from '../../domain/executor.ts'
import type { ContentReader, TableColumn, TableDigest } from '../../domain/table-content.ts'

/** The content of one table at one moment. */
export interface TableFingerprint {
  readonly table: string
  /** A decimal string. */
  readonly rows: string
  readonly checksum: string
  /** One checksum a column. */
  readonly columns: Readonly<Record<string, string>>
}

/** What is compared with what. */
export interface CompareOptions {
  /** Tables of the source, in its database's names. */
  readonly tables: readonly string[]
  /** A URL or a driver's pool. Default: the coordination database. */
  readonly source?: unknown
  /** A URL or a driver's pool. Default: the coordination database, for copies under other names. */
  readonly copy?: unknown
  /** What the copy of a table is called, where it is another name. */
  readonly copyName?: (table: string) => string
  /** Columns that are left out, as `table.column`. */
  readonly ignore?: readonly string[]
}

/** One thing that is not the same. */
export interface Difference {
  readonly table: string
  /** `undefined` where the rows differ and no column by itself does. */
  readonly column: string | undefined
  readonly why: 'rows' | 'content' | 'missing-column' | 'not-comparable'
  readonly message: string
}

/** What a comparison came to. */
export interface Comparison {
  /** True only when everything that was not ignored could be compared, and is the same. */
  readonly equal: boolean
  readonly differences: readonly Difference[]
}

/** Looks at the content of tables. */
export interface TableContents {
  fingerprint(
    tables: readonly string[],
    without?: (table: string, column: string) => boolean,
  ): Promise<readonly TableFingerprint[]>
  compare(options: CompareOptions): Promise<Comparison>
}

/** Makes the reader of a database that was opened; `undefined` where its dialect has none. */
export type OpenContent = (database: unknown) => Promise<{ readonly reader: ContentReader; close(): Promise<void> }>

/** `own` reads the coordination database; `open` another one. */
export function createTableContents(own: () => Promise<ContentReader>, open: OpenContent): TableContents {
  const reading = async <T>(database: unknown, fn: (reader: ContentReader) => Promise<T>): Promise<T> => {
    if (database === undefined) return fn(await own())
    const { reader, close } = await open(database)
    try {
      return await fn(reader)
    } finally {
      await close()
    }
  }
  return {
    async fingerprint(tables, without = () => false) {
      const reader = await own()
      const found: TableFingerprint[] = []
      for (const table of tables) {
        const columns = (await reader.columns(table)).filter(({ name }) => !without(table, name))
        const { rows, whole, columns: sums } = await reader.digest(table, columns)
        found.push({ table, rows, checksum: whole, columns: sums })
      }
      return found
    },
    compare: (options) =>
      reading(options.source, (source) =>
        reading(options.copy, async (copy) => {
          const differences: Difference[] = []
          for (const table of options.tables) differences.push(...(await compareTable(source, copy, table, options)))
          return { equal: differences.length === 0, differences }
        }),
      ),
  }
}

/** Opens another database for reading, by whichever dialect can. */
export async function openContent(database: unknown): ReturnType<OpenContent> {
  const dialect = chooseDialect(database)
  const connection = {
    applicationName: 'quiesce compare',
    connectionTimeoutMs: 30_000,
    statementTimeoutMs: 30_000,
    poolSize: 2,
    ownSessions: true,
  }
  const executor: SqlExecutor | undefined = dialect?.connect(database, connection)
  const reader = executor === undefined ? undefined : await dialect?.contentOf?.(executor)
  if (executor === undefined || reader === undefined) {
    await executor?.close()
    throw noContent()
  }
  return { reader, close: () => executor.close() }
}

/** The error for a database whose tables cannot be compared. */
export function noContent(): QuiesceError {
  return new QuiesceError(
    'QUIESCE_CONFIG',
    `Tables can be read in PostgreSQL, MySQL and MariaDB only. Give ${acceptedDatabases} of one of them.`,
  )
}

async function compareTable(
  source: ContentReader,
  copy: ContentReader,
  table: string,
  { copyName = (name) => name, ignore = [] }: CompareOptions,
): Promise<readonly Difference[]> {
  const kept = (columns: readonly TableColumn[]): TableColumn[] =>
    columns.filter(({ name }) => !ignore.includes(`${table}.${name}`))
  const [ours, theirs] = [kept(await source.columns(table)), kept(await copy.columns(copyName(table)))]
  const both = ours.flatMap((column) => {
    const other = theirs.find(({ name }) => name === column.name)
    return other === undefined ? [] : [{ column, other }]
  })
  const comparable = both.filter(({ column, other }) => areComparable(source, copy, column, other))
  const left = comparable.map(({ column }) => column)
  const right = comparable.map(({ other }) => other)
  const [a, b] = await Promise.all([source.digest(table, left), copy.digest(copyName(table), right)])
  return [
    ...missing(table, ours, theirs),
    ...both.filter((pair) => !comparable.includes(pair)).map(({ column }) => notComparable(table, column.name)),
    ...contentDifferences(table, a, b),
  ]
}

function areComparable(source: ContentReader, copy: ContentReader, a: TableColumn, b: TableColumn): boolean {
  if (source.product === copy.product) return true
  const mixed = ['float', 'other']
  // MariaDB keeps JSON as it was written.
  if (a.kind === 'json' || b.kind === 'json') return a.kind === b.kind
  return !mixed.includes(a.kind) && !mixed.includes(b.kind)
}

function missing(table: string, ours: readonly TableColumn[], theirs: readonly TableColumn[]): readonly Difference[] {
  const names = (columns: readonly TableColumn[]): readonly string[] => columns.map(({ name }) => name)
  const only = (a: readonly string[], b: readonly string[]): readonly string[] => a.filter((name) => !b.includes(name))
  const told = (column: string, where: string): Difference => ({
    table,
    column,
    why: 'missing-column',
    message: `${table}.${column} is in the ${where} only`,
  })
  return [
    ...only(names(ours), names(theirs)).map((name) => told(name, 'source')),
    ...only(names(theirs), names(ours)).map((name) => told(name, 'copy')),
  ]
}

function notComparable(table: string, column: string): Difference {
  const message = `${table}.${column} is of a type that the two products write differently; name it in ignore, or compare it by other means`
  return { table, column, why: 'not-comparable', message }
}

function contentDifferences(table: string, a: TableDigest, b: TableDigest): readonly Difference[] {
  if (a.rows === b.rows && a.whole === b.whole) return []
  const counts = `${a.rows} rows in the source, ${b.rows} in the copy`
  if (a.rows !== b.rows) return [{ table, column: undefined, why: 'rows', message: `${table}: ${counts}` }]
  const columns = Object.keys(a.columns).filter((name) => a.columns[name] !== b.columns[name])
  if (columns.length === 0) {
    const message = `${table}: the same values stand in other rows`
    return [{ table, column: undefined, why: 'content', message }]
  }
  return columns.map((column) => ({ table, column, why: 'content', message: `${table}.${column} differs` }))
}
