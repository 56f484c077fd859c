import { loadModule, parseSync } from 'libpg-query'

/** What PostgreSQL's own parser sees a text change. */
export interface Visible {
  /** Whether any statement of it writes, defines or runs something. */
  readonly changes: boolean
  /** The tables of its INSERT, UPDATE, DELETE and MERGE, as `schema.table` or `table`. */
  readonly tables: readonly string[]
  /** The columns that its UPDATEs assign. */
  readonly assigned: readonly string[]
}

/** Statements that change nothing by themselves; what stands in them may. */
const HARMLESS = new Set([
  ...['SelectStmt', 'ExplainStmt', 'TransactionStmt', 'VariableSetStmt', 'VariableShowStmt', 'FetchStmt', 'ListenStmt'],
  ...[
    'DeclareCursorStmt',
    'ClosePortalStmt',
    'CopyStmt',
    'UnlistenStmt',
    'DeallocateStmt',
    'DiscardStmt',
    'LockStmt',
    'ConstraintsSetStmt',
  ],
])
const WRITES = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'])

interface Node {
  readonly [name: string]: unknown
}

/** Loads the parser; it is a WebAssembly module. */
export async function loadOracle(): Promise<void> {
  await loadModule()
}

/** `undefined` for a text that is no SQL of PostgreSQL. */
export function visible(sql: string): Visible | undefined {
  let statements: readonly Node[]
  try {
    const { stmts = [] } = parseSync(sql) as { readonly stmts?: readonly { readonly stmt: Node }[] }
    statements = stmts.map(({ stmt }) => stmt)
  } catch {
    return undefined
  }
  const tables: string[] = []
  const assigned: string[] = []
  let changes = false
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    for (const [name, inner] of Object.entries(value as Node)) {
      if (name === 'ExplainStmt' && !executes(inner as Node)) continue
      if (name === 'intoClause' || (name.endsWith('Stmt') && !HARMLESS.has(name))) changes = true
      if (name === 'CopyStmt' && ((inner as Node)['is_from'] === true || (inner as Node)['filename'])) changes = true
      if (WRITES.has(name)) tables.push(tableOf(inner as Node))
      if (name === 'UpdateStmt') assigned.push(...columnsOf(inner as Node))
      walk(inner)
    }
  }
  walk(statements)
  return { changes, tables, assigned }
}

function executes(explain: Node): boolean {
  const options = (explain['options'] ?? []) as readonly { readonly DefElem: Node }[]
  return options.some(({ DefElem: { defname, arg } }) => defname === 'analyze' && !isOff(arg))
}

/** A zero has no `ival` in the tree. */
function isOff(arg: unknown): boolean {
  return /"(false|off)"|"Integer":\{\}|"boolval":false|"Boolean":\{\}/i.test(JSON.stringify(arg ?? ''))
}

function tableOf(write: Node): string {
  const { schemaname, relname } = write['relation'] as { readonly schemaname?: string; readonly relname: string }
  return schemaname === undefined ? relname : `${schemaname}.${relname}`
}

function columnsOf(update: Node): readonly string[] {
  const targets = (update['targetList'] ?? []) as readonly { readonly ResTarget: { readonly name: string } }[]
  return targets.map(({ ResTarget: { name } }) => name)
}
