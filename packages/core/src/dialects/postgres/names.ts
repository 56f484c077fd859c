import type { TableLocation } from '../dialect.ts'

/** PostgreSQL cuts identifiers at 63 bytes (NAMEDATALEN - 1). */
const MAX_IDENTIFIER_BYTES = 63
const MAX_NAMESPACE_BYTES = 200
/** Where the coordination tables are when nobody says. */
export const DEFAULT_COORDINATION_SCHEMA = 'quiesce'
const loneSurrogate = /\p{Surrogate}/u
const LONGEST_NAME = 'event_namespace'.length

/** Quotes an identifier; the only place that does. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Quotes a text literal for the few places that take no parameters. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** The coordination tables, quoted and qualified. */
export interface TableNames {
  readonly schema: string
  readonly version: string
  readonly cluster: string
  readonly freeze: string
  readonly node: string
  readonly lock: string
  readonly event: string
  /** One row a transaction lock. */
  readonly rowLock: string
  readonly run: string
  /** One row a run, locked by its holder's transactions. */
  readonly runToken: string
  /** One row a namespace with a standing fence; made by its installation. */
  readonly fence: string
  readonly runIndex: string
  readonly activeFreezeIndex: string
  readonly nodeIndex: string
  readonly eventIndex: string
}

/** Names the coordination tables of a location. */
export function tableNames({ schema = DEFAULT_COORDINATION_SCHEMA, tablePrefix }: TableLocation): TableNames {
  const index = (name: string): string => quoteIdentifier(`${tablePrefix}${name}`)
  const name = (table: string): string => `${quoteIdentifier(schema)}.${index(table)}`
  return {
    schema: quoteIdentifier(schema),
    version: name('version'),
    cluster: name('cluster'),
    freeze: name('freeze'),
    node: name('node'),
    lock: name('lock'),
    event: name('event'),
    rowLock: name('row_lock'),
    run: name('run'),
    runToken: name('run_token'),
    fence: name('fence'),
    runIndex: index('run_namespace'),
    activeFreezeIndex: index('freeze_active'),
    nodeIndex: index('node_namespace'),
    eventIndex: index('event_namespace'),
  }
}

/** Problems with names that PostgreSQL would cut, reject or confuse; in words. */
export function checkNames({ namespace, location }: { namespace: string; location: TableLocation }): readonly string[] {
  const problems: string[] = []
  const check = (what: string, value: string, maxBytes: number): void => {
    const bytes = Buffer.byteLength(value)
    if (value.length === 0) problems.push(`${what} must not be empty`)
    if (value.includes('\0')) problems.push(`${what} must not contain NUL`)
    if (loneSurrogate.test(value)) problems.push(`${what} must be well-formed Unicode`)
    if (bytes > maxBytes) problems.push(`${what} must not be longer than ${maxBytes} bytes, has ${bytes}`)
  }
  check('namespace', namespace, MAX_NAMESPACE_BYTES)
  const { schema = DEFAULT_COORDINATION_SCHEMA } = location
  check('schema', schema, MAX_IDENTIFIER_BYTES)
  check('tablePrefix', location.tablePrefix, MAX_IDENTIFIER_BYTES - LONGEST_NAME)
  if (`${schema}${location.tablePrefix}`.includes('$')) problems.push('schema and tablePrefix must not contain $')
  return problems
}
