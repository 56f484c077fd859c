import type { TableLocation } from '../dialect.ts'

/** MySQL and MariaDB refuse longer identifiers. */
const MAX_IDENTIFIER_CHARACTERS = 64
const MAX_NAMESPACE_BYTES = 200
const LONGEST_NAME = 'run_token'.length
const loneSurrogate = /\p{Surrogate}/u
/** Identifiers hold characters of the basic plane only. */
const beyondBasicPlane = /[\u{10000}-\u{10ffff}]/u

/** Quotes an identifier; the only place that does. Backticks quote in every `sql_mode`. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** Quotes a text for the places that take no parameter; our sessions read a backslash as an escape. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/** The coordination tables, quoted, and qualified where they are not in the connection's own database. */
export interface TableNames {
  /** The database that was asked for; `undefined` for the connection's own. */
  readonly schema: string | undefined
  readonly prefix: string
  readonly version: string
  readonly cluster: string
  readonly freeze: string
  readonly node: string
  readonly lock: string
  readonly event: string
  readonly rowLock: string
  readonly run: string
  /** One row a run, locked by its holder's transactions. */
  readonly runToken: string
}

/** Names the coordination tables of a location. */
export function tableNames({ schema, tablePrefix }: TableLocation): TableNames {
  const qualifier = schema === undefined ? '' : `${quoteIdentifier(schema)}.`
  const name = (table: string): string => `${qualifier}${quoteIdentifier(`${tablePrefix}${table}`)}`
  return {
    schema,
    prefix: tablePrefix,
    version: name('version'),
    cluster: name('cluster'),
    freeze: name('freeze'),
    node: name('node'),
    lock: name('lock'),
    event: name('event'),
    rowLock: name('row_lock'),
    run: name('run'),
    runToken: name('run_token'),
  }
}

/** Problems with names that the server would cut, reject or confuse; in words. */
export function checkNames({ namespace, location }: { namespace: string; location: TableLocation }): readonly string[] {
  const problems: string[] = []
  const check = (what: string, value: string): void => {
    if (value.length === 0) problems.push(`${what} must not be empty`)
    if (value.includes('\0')) problems.push(`${what} must not contain NUL`)
    if (loneSurrogate.test(value)) problems.push(`${what} must be well-formed Unicode`)
  }
  const checkIdentifier = (what: string, value: string, maxCharacters: number): void => {
    check(what, value)
    if (beyondBasicPlane.test(value)) problems.push(`${what} must not contain characters beyond U+FFFF`)
    if (value.endsWith(' ')) problems.push(`${what} must not end with a blank`)
    // The driver takes a question mark for the place of a parameter wherever it stands.
    if (value.includes('?')) problems.push(`${what} must not contain a question mark`)
    if (value.length > maxCharacters) problems.push(`${what} must not be longer than ${maxCharacters} characters`)
  }
  check('namespace', namespace)
  const bytes = Buffer.byteLength(namespace)
  if (bytes > MAX_NAMESPACE_BYTES)
    problems.push(`namespace must not be longer than ${MAX_NAMESPACE_BYTES} bytes, has ${bytes}`)
  if (location.schema !== undefined) checkIdentifier('schema', location.schema, MAX_IDENTIFIER_CHARACTERS)
  checkIdentifier('tablePrefix', location.tablePrefix, MAX_IDENTIFIER_CHARACTERS - LONGEST_NAME)
  return problems
}
