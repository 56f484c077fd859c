import type { TableWrite } from './table-write.ts'

/**
 * What may still be written to one table while the cluster is read-only.
 *
 * `true` exempts the table wholly (insert, update, delete, truncate; never DDL). An array names the columns that an
 * update may assign, nothing else. The object form names operations one by one.
 */
export type ExemptionRule =
  | true
  | readonly string[]
  | {
      readonly insert?: boolean | undefined
      readonly update?: boolean | readonly string[] | undefined
      readonly delete?: boolean | undefined
      readonly truncate?: boolean | undefined
    }

/** Exemptions by table: `table` (in the default schema) or `schema.table`, in the database's names, case-sensitive. */
export type Exemptions = Readonly<Record<string, ExemptionRule>>

/** What may be skipped, by table: as {@link Exemptions}, but a TRUNCATE is never skipped. */
export type SkipRules = Readonly<
  Record<string, true | readonly string[] | Omit<Extract<ExemptionRule, { readonly insert?: unknown }>, 'truncate'>>
>

/** A table in the database's own names. */
export interface TableName {
  readonly schema: string | undefined
  readonly table: string
}

/** The tables that rules speak of. */
export function tablesOf(rules: Exemptions, defaultSchema: string | undefined): readonly TableName[] {
  return Object.keys(rules).map((name) => {
    const { schema = defaultSchema, table } = splitName(name)
    return { schema, table }
  })
}

/** A column in the database's own names. */
export interface ColumnName extends TableName {
  readonly column: string
}

/** The columns that rules speak of. */
export function columnsOf(rules: Exemptions, defaultSchema: string | undefined): readonly ColumnName[] {
  return Object.entries(rules).flatMap(([name, rule]) => {
    const { schema = defaultSchema, table } = splitName(name)
    const update = rule === true || isColumns(rule) ? rule : rule.update
    return isColumns(update) ? update.map((column) => ({ schema, table, column })) : []
  })
}

function isColumns(rule: unknown): rule is readonly string[] {
  return Array.isArray(rule)
}

/** Decides whether a write is covered by the exemptions: `changed ⊆ exempt`, never the other way round. */
export interface ExemptionPolicy {
  /** The columns that are not exempt, `'all'` when nothing of the write is, `undefined` when the write may pass. */
  refused(write: TableWrite): readonly string[] | 'all' | undefined
  /** True when some write of the table could be exempt; lets a friendly layer leave the decision to the statement. */
  mentions(table: string, schema?: string): boolean
  /** True when the table's rows may be inserted, updated and deleted freely. */
  exemptsWholly(table: string, schema?: string): boolean
}

interface TableRule {
  readonly insert: boolean
  readonly update: boolean | ReadonlySet<string>
  readonly delete: boolean
  readonly truncate: boolean
}

/** Compiles exemptions once, for lookups without allocation; `defaultSchema` is what an unqualified name means. */
export function compileExemptions(exemptions: Exemptions, defaultSchema: string | undefined): ExemptionPolicy {
  const rules = new Map<string, TableRule>()
  for (const [name, rule] of Object.entries(exemptions)) {
    const { schema, table } = splitName(name)
    rules.set(keyOf(schema, table, defaultSchema), compileRule(rule))
  }
  return {
    refused: (write) => refusedColumns(rules.get(keyOf(write.schema, write.table, defaultSchema)), write),
    mentions: (table, schema) => rules.has(keyOf(schema, table, defaultSchema)),
    exemptsWholly(table, schema) {
      const rule = rules.get(keyOf(schema, table, defaultSchema))
      return rule?.insert === true && rule.update === true && rule.delete
    },
  }
}

/** What either of two policies lets pass, column by column: the exemptions of one on top of the other's. */
export function unitePolicies(one: ExemptionPolicy, other: ExemptionPolicy): ExemptionPolicy {
  return {
    refused(write) {
      const rest = one.refused(write)
      return rest === undefined ? undefined : other.refused({ ...write, columns: rest })
    },
    mentions: (table, schema) => one.mentions(table, schema) || other.mentions(table, schema),
    exemptsWholly: (table, schema) => one.exemptsWholly(table, schema) || other.exemptsWholly(table, schema),
  }
}

function splitName(name: string): TableName {
  const dot = name.indexOf('.')
  return { schema: dot === -1 ? undefined : name.slice(0, dot), table: name.slice(dot + 1) }
}

function keyOf(schema: string | undefined, table: string, defaultSchema: string | undefined): string {
  return JSON.stringify([schema ?? defaultSchema ?? null, table])
}

function compileRule(rule: ExemptionRule): TableRule {
  if (rule === true) return { insert: true, update: true, delete: true, truncate: true }
  if (isColumnList(rule)) return { insert: false, update: new Set(rule), delete: false, truncate: false }
  const { insert = false, update = false, delete: remove = false, truncate = false } = rule
  return { insert, update: typeof update === 'boolean' ? update : new Set(update), delete: remove, truncate }
}

function isColumnList(rule: Exclude<ExemptionRule, true>): rule is readonly string[] {
  return Array.isArray(rule)
}

function refusedColumns(rule: TableRule | undefined, write: TableWrite): readonly string[] | 'all' | undefined {
  if (rule === undefined) return write.columns
  switch (write.operation) {
    case 'insert':
    case 'delete':
    case 'truncate':
      return rule[write.operation] ? undefined : 'all'
    case 'merge':
      return rule.insert && rule.update === true && rule.delete ? undefined : 'all'
    case 'update':
      return refusedInUpdate(rule.update, write.columns)
  }
}

function refusedInUpdate(
  allowed: TableRule['update'],
  columns: TableWrite['columns'],
): readonly string[] | 'all' | undefined {
  if (allowed === true) return undefined
  // An update that assigns nothing that we can see is not proven exempt.
  if (columns === 'all' || columns.length === 0) return 'all'
  if (allowed === false) return columns
  const protectedColumns = columns.filter((column) => !allowed.has(column))
  return protectedColumns.length === 0 ? undefined : protectedColumns
}
