import type { ClientInternals } from './client-internals.ts'

/** A field of a model, as the database has it. */
export type ModelField =
  | { readonly kind: 'column'; readonly column: string }
  /** `joinTable` is where an implicit many-to-many relation would have its pairs; other relations don't have one. */
  | { readonly kind: 'relation'; readonly target: string; readonly joinTable: string }

/** A model and the table behind it. */
export interface Model {
  readonly name: string
  readonly table: string
  /** The schema that the model names; `undefined` when it lives in the connection's own. */
  readonly schema: string | undefined
  readonly fields: ReadonlyMap<string, ModelField>
}

/** The models of a client by name. */
export type ModelMap = ReadonlyMap<string, Model>

/**
 * Reads the models that a client knows at run time; `undefined` when this version of Prisma doesn't tell enough.
 *
 * It feeds names and early refusals only: without it the statements still tell tables and columns.
 */
export function readModels(client: ClientInternals): ModelMap | undefined {
  const known = client._runtimeDataModel?.models
  if (known === undefined) return undefined
  // Prisma 6 keeps the schemas of models to itself, and a table of an unknown schema can't be judged.
  const namesSchemas = client._engineConfig?.inlineSchema?.includes('@@schema(') ?? false
  if (namesSchemas && Object.values(known).some(({ schema }) => schema === undefined)) return undefined
  return new Map(Object.entries(known).map(([name, model]) => [name, toModel(name, model)]))
}

type RuntimeModel = NonNullable<NonNullable<ClientInternals['_runtimeDataModel']>['models']>[string]

function toModel(name: string, { dbName, schema, fields }: RuntimeModel): Model {
  return {
    name,
    table: dbName ?? name,
    schema: schema ?? undefined,
    fields: new Map(fields.map((field) => [field.name, toField(field)])),
  }
}

function toField({ name, kind, type, dbName, relationName }: RuntimeModel['fields'][number]): ModelField {
  if (kind === 'object') return { kind: 'relation', target: type, joinTable: `_${relationName ?? ''}` }
  return { kind: 'column', column: dbName ?? name }
}
