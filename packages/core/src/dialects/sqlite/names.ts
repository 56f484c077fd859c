import type { TableLocation } from '../dialect.ts'

const MAX_NAMESPACE_BYTES = 200
const MAX_PREFIX_CHARACTERS = 50
const loneSurrogate = /\p{Surrogate}/u

/** Quotes an identifier; the only place that does. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The coordination tables, quoted. */
export interface TableNames {
  readonly version: string
  /** The same as SQLite's catalogue has it. */
  readonly plainVersion: string
  readonly cluster: string
  readonly freeze: string
  readonly node: string
  readonly lock: string
  readonly event: string
  /** One row a transaction lock that is held. */
  readonly rowLock: string
  readonly run: string
  readonly runIndex: string
  readonly activeFreezeIndex: string
  readonly eventIndex: string
}

/** Names the coordination tables. */
export function tableNames({ tablePrefix }: TableLocation): TableNames {
  const name = (table: string): string => quoteIdentifier(`${tablePrefix}${table}`)
  return {
    version: name('version'),
    plainVersion: `${tablePrefix}version`,
    cluster: name('cluster'),
    freeze: name('freeze'),
    node: name('node'),
    lock: name('lock'),
    event: name('event'),
    rowLock: name('row_lock'),
    run: name('run'),
    runIndex: name('run_namespace'),
    activeFreezeIndex: name('freeze_active'),
    eventIndex: name('event_namespace'),
  }
}

/** Problems with names that SQLite would reject or confuse; in words. */
export function checkNames({ namespace, location }: { namespace: string; location: TableLocation }): readonly string[] {
  const problems: string[] = []
  const check = (what: string, value: string): void => {
    if (value.length === 0) problems.push(`${what} must not be empty`)
    if (value.includes('\0')) problems.push(`${what} must not contain NUL`)
    if (loneSurrogate.test(value)) problems.push(`${what} must be well-formed Unicode`)
  }
  check('namespace', namespace)
  const bytes = Buffer.byteLength(namespace)
  if (bytes > MAX_NAMESPACE_BYTES)
    problems.push(`namespace must not be longer than ${MAX_NAMESPACE_BYTES} bytes, has ${bytes}`)
  check('tablePrefix', location.tablePrefix)
  if (location.tablePrefix.length > MAX_PREFIX_CHARACTERS)
    problems.push(`tablePrefix must not be longer than ${MAX_PREFIX_CHARACTERS} characters`)
  if (location.tablePrefix.toLowerCase().startsWith('sqlite_'))
    problems.push('tablePrefix must not begin with sqlite_, which SQLite keeps for itself')
  if (location.schema !== undefined) problems.push('schema must be left out: a SQLite file has none')
  return problems
}
