import type { Model } from './model-map.ts'
import { type Judge, judgeLink, judgeRows, judgeUpdate, type RelationField, type Verdict } from './model-writes.ts'

/** Judges the writes of a `create`: the row itself, then what is nested in it. */
export function judgeCreate(judge: Judge, model: Model, data: unknown, path: string): Verdict {
  return judgeRows(judge, model, 'insert', path) ?? judgeNested(judge, model, data, path)
}

/** Judges the writes of an `update` of one row: the row itself, then what is nested in it. */
export function judgeUpdateTree(judge: Judge, model: Model, data: unknown, path: string): Verdict {
  return judgeUpdate(judge, model, data, path) ?? judgeNested(judge, model, data, path)
}

/** Judges an `upsert`: it is certainly refused only when both of its branches are. */
export function judgeUpsert(judge: Judge, model: Model, payload: unknown, path: string): Verdict {
  const created = judgeCreate(judge, model, part(payload, 'create'), path)
  if (created === undefined) return undefined
  const updated = judgeUpdateTree(judge, model, part(payload, 'update'), path)
  if (updated === undefined) return undefined
  return updated.path === path ? { ...updated, operation: 'upsert' } : updated
}

/** True when a list of rows was given and it is empty, so that nothing is written. */
export function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

/** The property `name` of `value`, if it is an object. */
export function part(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}

function judgeNested(judge: Judge, model: Model, data: unknown, path: string): Verdict {
  if (typeof data !== 'object' || data === null) return undefined
  for (const [name, value] of Object.entries(data)) {
    const field = model.fields.get(name)
    if (field?.kind !== 'relation' || typeof value !== 'object' || value === null) continue
    const verdict = judgeRelation(judge, model, field, value, `${path} > ${name}`)
    if (verdict !== undefined) return verdict
  }
  return undefined
}

function judgeRelation(judge: Judge, from: Model, field: RelationField, value: object, path: string): Verdict {
  const to = judge.models.get(field.target)
  if (to === undefined) return undefined
  for (const [operation, payload] of Object.entries(value)) {
    for (const item of itemsOf(operation, payload)) {
      const verdict = judgeItem(judge, { from, field, to }, operation, item, `${path}.${operation}`)
      if (verdict !== undefined) return verdict
    }
  }
  return undefined
}

interface Relation {
  readonly from: Model
  readonly field: RelationField
  readonly to: Model
}

function judgeItem(
  judge: Judge,
  { from, field, to }: Relation,
  operation: string,
  item: unknown,
  path: string,
): Verdict {
  switch (operation) {
    case 'create':
      return judgeCreate(judge, to, item, path)
    case 'createMany':
      return isEmptyList(part(item, 'data')) ? undefined : judgeRows(judge, to, 'insert', path)
    case 'update':
      return judgeUpdateTree(judge, to, updateData(to, item), path)
    case 'updateMany':
      return judgeUpdate(judge, to, part(item, 'data'), path)
    case 'upsert':
      return judgeUpsert(judge, to, item, path)
    case 'delete':
    case 'deleteMany':
      return judgeRows(judge, to, 'delete', path)
    case 'connect':
    case 'disconnect':
    case 'set':
    // The row that it may create is in one of the tables of the link, so it is exempt no more than they are.
    case 'connectOrCreate':
      return judgeLink(judge, from, field, operation, path)
    default:
      return undefined
  }
}

/** What an operation asks for, one by one; nothing for `undefined`, `false` and empty lists, which write nothing. */
function itemsOf(operation: string, payload: unknown): readonly unknown[] {
  if (payload === undefined || payload === null || payload === false) return []
  // An empty `set` takes all links away.
  if (operation === 'set') return [payload]
  return Array.isArray(payload) ? payload : [payload]
}

/** The data of a nested update: `{ where, data }`, or for a relation to one row also the data itself. */
function updateData(model: Model, item: unknown): unknown {
  const data = part(item, 'data')
  if (data === undefined) return item
  // A model with a field of that name: which of the two it is can't be told here.
  return model.fields.has('data') ? undefined : data
}
