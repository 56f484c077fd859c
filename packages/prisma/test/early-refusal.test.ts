import { describe, expect, test } from 'vitest'
import { compileExemptions, type Exemptions } from '../../core/src/domain/exemption.ts'
import { earlyRefusal } from '../src/early-refusal.ts'
import { readModels } from '../src/model-map.ts'
import type { Judge } from '../src/model-writes.ts'

const field = (name: string, dbName?: string) => ({ name, kind: 'scalar', type: 'String', ...(dbName && { dbName }) })
const relation = (name: string, type: string, relationName: string) => ({ name, kind: 'object', type, relationName })

const models = readModels({
  _runtimeDataModel: {
    models: {
      Card: {
        dbName: 'report_card',
        schema: null,
        fields: [
          field('id'),
          field('name'),
          field('lastUsedAt', 'last_used_at'),
          field('settings'),
          relation('collection', 'Collection', 'CardToCollection'),
          relation('tags', 'Tag', 'CardToTag'),
          relation('note', 'Note', 'CardToNote'),
        ],
      },
      Collection: {
        dbName: 'collection',
        schema: null,
        fields: [field('name'), relation('cards', 'Card', 'CardToCollection')],
      },
      Tag: { dbName: null, schema: 'labels', fields: [field('name'), relation('cards', 'Card', 'CardToTag')] },
      // A model whose field has the name that Prisma gives to the wrapper of a nested update.
      Note: { dbName: null, schema: null, fields: [field('data'), field('text')] },
    },
  },
})

function judge(exempt: Exemptions = {}, schemaName?: string): Judge {
  const policy = compileExemptions(exempt, 'public')
  if (models === undefined) throw new Error('the models above are complete')
  return { gate: { refusedColumns: policy.refused, mentions: policy.mentions }, models, schemaName }
}

const verdict = (operation: string, args: unknown, exempt?: Exemptions, model = 'Card') =>
  earlyRefusal(judge(exempt), model, operation, args)

describe('goes on to the statement', () => {
  test.each([
    ['a read', 'findMany', { where: { name: 'x' } }],
    ['an operation of a later version', 'replaceAll', { data: { name: 'x' } }],
    ['an update of nothing', 'update', { data: {} }],
    ['an update of what is left out', 'update', { data: { name: undefined, lastUsedAt: { set: undefined } } }],
    [
      'an update of what Prisma.skip leaves out',
      'update',
      {
        data: {
          name: new (class Skip {
            ifUndefined() {}
          })(),
        },
      },
    ],
    ['an update of an unknown field', 'update', { data: { nothing: 1 } }],
    ['createMany of no rows', 'createMany', { data: [] }],
    ['nested create of no rows', 'update', { data: { tags: { create: [] } } }],
    ['nested createMany of no rows', 'update', { data: { tags: { createMany: { data: [] } } } }],
    ['nested delete that is switched off', 'update', { data: { collection: { delete: false } } }],
    ['nested disconnect that is switched off', 'update', { data: { collection: { disconnect: false } } }],
    ['connect of no rows', 'update', { data: { tags: { connect: [] } } }],
    ['an upsert that may change nothing', 'upsert', { create: { name: 'x' }, update: {} }],
    [
      'a nested update that could be either of two things',
      'update',
      { data: { note: { update: { data: { text: 'x' } } } } },
    ],
    ['no arguments', 'update', undefined],
  ])('%s', (_name, operation, args) => {
    expect(verdict(operation, args)).toBeUndefined()
  })

  test('an upsert that may create what is exempt', () => {
    const args = { create: { name: 'x' }, update: { name: 'x' } }
    expect(verdict('upsert', args, { report_card: { insert: true } })).toBeUndefined()
  })

  test('an unknown model', () => {
    expect(verdict('create', { data: {} }, {}, 'Nothing')).toBeUndefined()
  })

  test('an update of exempt columns alone', () => {
    const exempt = { report_card: ['last_used_at'] }
    expect(verdict('update', { data: { lastUsedAt: new Date() } }, exempt)).toBeUndefined()
    expect(verdict('upsert', { create: { name: 'x' }, update: { lastUsedAt: new Date() } }, exempt)).toBeUndefined()
  })

  test.each(['report_card', 'collection', '_CardToCollection'])('a link when an exemption speaks of %s', (table) => {
    const args = { data: { cards: { connect: { id: 1 } } } }
    expect(verdict('update', args, {}, 'Collection')).toMatchObject({ operation: 'connect' })
    expect(verdict('update', args, { [table]: ['name'] }, 'Collection')).toBeUndefined()
  })

  test('connectOrCreate when the row that it may create is exempt', () => {
    const args = { data: { cards: { connectOrCreate: { where: { id: 1 }, create: { name: 'x' } } } } }
    expect(verdict('update', args, {}, 'Collection')).toMatchObject({ operation: 'connectOrCreate' })
    expect(verdict('update', args, { report_card: { insert: true } }, 'Collection')).toBeUndefined()
  })

  test('a nested write when the outer one is exempt and the nested one too', () => {
    const args = { data: { name: 'x', cards: { create: { name: 'y' } } } }
    expect(verdict('update', args, { collection: true, report_card: true }, 'Collection')).toBeUndefined()
  })
})

describe('refuses', () => {
  test('an update by the fields that are not exempt, in the words of the model', () => {
    const args = { data: { lastUsedAt: new Date(), name: 'x', settings: { a: 1 } } }
    expect(verdict('update', args, { report_card: ['last_used_at'] })).toEqual({
      operation: 'update',
      table: 'report_card',
      columns: ['name', 'settings'],
      model: 'Card',
      fields: ['name', 'settings'],
      path: 'Card.update',
    })
  })

  test('the column behind a field with another name', () => {
    expect(verdict('updateMany', { data: { lastUsedAt: null } })).toMatchObject({
      columns: ['last_used_at'],
      fields: ['lastUsedAt'],
    })
  })

  test('what is nested three models deep, by its path', () => {
    const update = { where: { id: 1 }, data: { tags: { create: [{ name: 'x' }] } } }
    expect(verdict('update', { data: { cards: { update: [update] } } }, {}, 'Collection')).toEqual({
      operation: 'insert',
      table: 'Tag',
      model: 'Tag',
      path: 'Collection.update > cards.update > tags.create',
    })
  })

  test('a protected nested write below an exempt one', () => {
    const args = { data: { name: 'x', cards: { deleteMany: {} } } }
    expect(verdict('update', args, { collection: true }, 'Collection')).toMatchObject({
      operation: 'delete',
      model: 'Card',
    })
  })

  test('a nested update of one row in both of its forms', () => {
    for (const update of [{ name: 'x' }, { where: {}, data: { name: 'x' } }]) {
      expect(verdict('update', { data: { collection: { update } } })).toMatchObject({
        model: 'Collection',
        fields: ['name'],
      })
    }
  })

  test('an upsert whose branches are both refused, by the fields of its update', () => {
    const args = { create: { name: 'x' }, update: { name: 'x' } }
    expect(verdict('upsert', args)).toMatchObject({ operation: 'upsert', fields: ['name'], path: 'Card.upsert' })
  })

  test('a set to no rows, which takes all links away', () => {
    expect(verdict('update', { data: { tags: { set: [] } } })).toMatchObject({ operation: 'set', model: 'Tag' })
  })
})

describe('schemas', () => {
  test('an exemption of another schema does not exempt', () => {
    expect(verdict('create', { data: {} }, { 'labels.report_card': true })).toMatchObject({ operation: 'insert' })
    expect(verdict('create', { data: {} }, { Tag: true }, 'Tag')).toMatchObject({ operation: 'insert' })
    expect(verdict('create', { data: {} }, { 'labels.Tag': true }, 'Tag')).toBeUndefined()
  })

  test("models that name none are in the adapter's", () => {
    const exempt = { 'app.report_card': true } as const
    expect(earlyRefusal(judge(exempt, 'app'), 'Card', 'create', { data: {} })).toBeUndefined()
    expect(earlyRefusal(judge(exempt), 'Card', 'create', { data: {} })).toMatchObject({ operation: 'insert' })
  })

  test('without knowledge of schemas that the models name there is no early refusal at all', () => {
    const fields = [field('id')]
    const inlineSchema = 'model Tag { id String @id @@schema("labels") }'
    expect(
      readModels({ _engineConfig: { inlineSchema }, _runtimeDataModel: { models: { Tag: { fields } } } }),
    ).toBeUndefined()
    expect(readModels({ _runtimeDataModel: { models: { Tag: { fields } } } })?.get('Tag')).toMatchObject({
      table: 'Tag',
    })
    expect(readModels({})).toBeUndefined()
  })
})
