import type { Gate, RefusedWrite, TableWrite } from '@quiesce/core/adapter'
import type { Model, ModelField, ModelMap } from './model-map.ts'

/** What early refusals are judged by. */
export interface Judge {
  readonly gate: Pick<Gate, 'refusedColumns' | 'mentions'>
  readonly models: ModelMap
  /** The schema of models that name none. */
  readonly schemaName: string | undefined
}

/** A write that is certainly refused, or `undefined` when only the statement can decide. */
export type Verdict = RefusedWrite | undefined

/** Judges an insert or delete of rows of `model`. */
export function judgeRows(judge: Judge, model: Model, operation: 'insert' | 'delete', path: string): Verdict {
  const refused = judge.gate.refusedColumns({ operation, ...tableOf(judge, model), columns: 'all' })
  return refused === undefined ? undefined : { operation, table: model.table, model: model.name, path }
}

/**
 * Judges an update by the fields that `data` names.
 *
 * What Prisma adds by itself (`@updatedAt`) is not counted here: it alone never makes an early refusal.
 */
export function judgeUpdate(judge: Judge, model: Model, data: unknown, path: string): Verdict {
  const assigned = assignedColumns(model, data)
  if (assigned.size === 0) return undefined
  const write = { operation: 'update', ...tableOf(judge, model), columns: [...assigned.keys()] } as const
  const refused = judge.gate.refusedColumns(write)
  if (refused === undefined) return undefined
  const columns = refused === 'all' ? write.columns : refused
  const fields = columns.map((column) => assigned.get(column) ?? column)
  return { operation: 'update', table: model.table, columns, model: model.name, fields, path }
}

/**
 * Judges a change of links between two models.
 *
 * The models at run time don't tell which side has the foreign key, so it is refused early only when no exemption
 * speaks of any table that could have to be written. Asking for a link is refused even where the rows have it already.
 */
export function judgeLink(judge: Judge, from: Model, field: RelationField, operation: string, path: string): Verdict {
  const to = judge.models.get(field.target)
  if (to === undefined) return undefined
  const join = { table: field.joinTable, schema: schemaOf(judge, from) }
  const tables = [tableOf(judge, from), tableOf(judge, to), join]
  if (tables.some(({ table, schema }) => judge.gate.mentions(table, schema))) return undefined
  return { operation, model: to.name, path }
}

/** A field that leads to another model. */
export type RelationField = Extract<ModelField, { kind: 'relation' }>

function tableOf(judge: Judge, model: Model): Pick<TableWrite, 'table' | 'schema'> {
  return { table: model.table, schema: schemaOf(judge, model) }
}

function schemaOf(judge: Judge, model: Model): string | undefined {
  return model.schema ?? judge.schemaName
}

/** The columns that an update assigns, with their fields; relations are not among them. */
function assignedColumns(model: Model, data: unknown): ReadonlyMap<string, string> {
  const assigned = new Map<string, string>()
  if (typeof data !== 'object' || data === null) return assigned
  for (const [name, value] of Object.entries(data)) {
    const field = model.fields.get(name)
    if (field?.kind === 'column' && isAssigned(value)) assigned.set(field.column, name)
  }
  return assigned
}

/** False for what Prisma leaves out: `undefined`, `Prisma.skip`, and `{ set: undefined }`. */
function isAssigned(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined
  if ('ifUndefined' in value) return false
  if (Object.getPrototypeOf(value) !== Object.prototype) return true
  return Object.values(value).some((part) => part !== undefined)
}
