import { createDumpFilter } from '../dialects/dump/dump-filter.ts'
import { type DumpFormat, formatOf } from '../dialects/dump/dump-formats.ts'
import { QuiesceError } from '../domain/errors.ts'

/** How a dump is filtered. */
export interface DumpFilterOptions {
  /** Which program wrote it; default: by its first lines. */
  readonly format?: DumpFormat | undefined
  /** Leave the standing fence out too, for databases that no cluster will use. Default false. */
  readonly standing?: boolean | undefined
  /** Called at the end with the number of statements that were left out. */
  readonly onDone?: ((removed: number) => void) | undefined
}

/** The first bytes of `pg_dump --format custom`. */
const CUSTOM = 'PGDMP'
/** So much of the beginning is looked at to tell the format. */
const BEGINNING_LINES = 20

/**
 * Gives a dump back without the triggers and functions of fences that stood while it was taken: plain text of `pg_dump`,
 * `mysqldump` or `mariadb-dump`, in chunks of any size, byte by byte as it was otherwise. Rows are never changed.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` when the format cannot be told, or is none that can be filtered.
 */
export async function* filterDump(
  dump: AsyncIterable<Uint8Array>,
  { format, standing = false, onDone }: DumpFilterOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  let filter = format === undefined ? undefined : createDumpFilter(format, { standing })
  let beginning: string[] = []
  const begin = (): string => {
    filter = createDumpFilter(format ?? told(beginning.join('')), { standing })
    const text = beginning.map(filter.line).join('')
    beginning = []
    return text
  }
  for await (const lines of linesOf(dump)) {
    let text = ''
    for (const line of lines) {
      if (filter !== undefined) text += filter.line(line)
      else if (beginning.push(line) === BEGINNING_LINES) text += begin()
    }
    if (text !== '') yield Buffer.from(text, 'latin1')
  }
  const text = filter === undefined ? begin() : ''
  yield Buffer.from(text + (filter?.end() ?? ''), 'latin1')
  onDone?.(filter?.removed ?? 0)
}

function told(beginning: string): DumpFormat {
  const format = formatOf(beginning)
  if (format !== undefined) return format
  const what = beginning.startsWith(CUSTOM)
    ? 'This is an archive of pg_dump, not plain text. Let pg_restore --file - turn it into text first.'
    : 'The first lines of the dump do not tell which program wrote it. Pass its format: postgresql or mysql.'
  throw new QuiesceError('QUIESCE_CONFIG', what)
}

/** The whole lines of each chunk, with their ends. */
async function* linesOf(dump: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[], void, undefined> {
  let rest: string[] = []
  for await (const chunk of dump) {
    const [first = '', ...more] = Buffer.from(chunk).toString('latin1').split('\n')
    rest.push(first)
    if (more.length === 0) continue
    const last = more.pop() ?? ''
    yield [`${rest.join('')}\n`, ...more.map((line) => `${line}\n`)]
    rest = [last]
  }
  const last = rest.join('')
  if (last !== '') yield [last]
}
