import { rowRefusal, updateRefusal, type WriteForm } from './write-form.ts'

const insertCard = { operation: 'insert', table: 'report_card' }
const updateCard = { operation: 'update', table: 'report_card' }
const deleteCard = { operation: 'delete', table: 'report_card' }

/** More rows than one statement can bind, so Prisma sends several in a transaction. */
const manyCards = Array.from({ length: 12_000 }, (_, i) => ({ name: `n${i}`, description: 'x', viewCount: i }))

/** What Prisma leaves out of an update. */
const leftOut: object = { lastUsedAt: undefined }

/** The write operations of a model without nested writes. */
export const modelForms: readonly WriteForm[] = [
  {
    name: 'create',
    run: (client) => client.card.create({ data: { name: 'New' } }),
    early: rowRefusal('insert', 'Card', 'Card.create'),
    statement: insertCard,
  },
  {
    name: 'createMany',
    run: (client) => client.card.createMany({ data: [{ name: 'New' }, { name: 'Newer' }] }),
    early: rowRefusal('insert', 'Card', 'Card.createMany'),
    statement: insertCard,
  },
  {
    name: 'createMany in several statements',
    run: (client) => client.card.createMany({ data: manyCards }),
    early: rowRefusal('insert', 'Card', 'Card.createMany'),
    statement: insertCard,
  },
  {
    name: 'createMany with skipDuplicates',
    run: (client) => client.card.createMany({ data: [{ name: 'New' }], skipDuplicates: true }),
    early: rowRefusal('insert', 'Card', 'Card.createMany'),
    statement: insertCard,
  },
  {
    name: 'createManyAndReturn',
    run: (client) => client.card.createManyAndReturn({ data: [{ name: 'New' }] }),
    early: rowRefusal('insert', 'Card', 'Card.createManyAndReturn'),
    statement: insertCard,
  },
  {
    name: 'update',
    run: (client) => client.card.update({ where: { id: 1 }, data: { name: 'Changed', ...leftOut } }),
    early: updateRefusal('Card', 'Card.update', 'name'),
    statement: updateCard,
  },
  {
    name: 'update of several fields by operations',
    run: (client) =>
      client.card.update({ where: { id: 1 }, data: { viewCount: { increment: 1 }, lastUsedAt: { set: new Date(0) } } }),
    early: updateRefusal('Card', 'Card.update', 'viewCount', 'lastUsedAt'),
    statement: updateCard,
  },
  {
    name: 'update of a foreign key',
    run: (client) => client.card.update({ where: { id: 1 }, data: { collectionId: 2 } }),
    early: updateRefusal('Card', 'Card.update', 'collectionId'),
    statement: updateCard,
  },
  {
    name: 'updateMany',
    run: (client) => client.card.updateMany({ where: { id: { gt: 0 } }, data: { description: 'x' } }),
    early: updateRefusal('Card', 'Card.updateMany', 'description'),
    statement: updateCard,
  },
  {
    name: 'updateMany with a limit',
    run: (client) => client.card.updateMany({ data: { description: 'x' }, limit: 1 }),
    early: updateRefusal('Card', 'Card.updateMany', 'description'),
    statement: updateCard,
  },
  {
    name: 'updateManyAndReturn',
    run: (client) => client.card.updateManyAndReturn({ data: { description: null, viewCount: 9 } }),
    early: updateRefusal('Card', 'Card.updateManyAndReturn', 'description', 'viewCount'),
    statement: updateCard,
  },
  {
    name: 'upsert that the database decides',
    run: (client) =>
      client.card.upsert({ where: { name: 'New' }, create: { name: 'New' }, update: { viewCount: { increment: 1 } } }),
    early: { ...updateRefusal('Card', 'Card.upsert', 'viewCount'), operation: 'upsert' },
    statement: insertCard,
  },
  {
    name: 'upsert that updates',
    run: (client) => client.card.upsert({ where: { id: 1 }, create: { name: 'New' }, update: { viewCount: 5 } }),
    early: { ...updateRefusal('Card', 'Card.upsert', 'viewCount'), operation: 'upsert' },
    statement: updateCard,
  },
  {
    name: 'upsert that creates',
    run: (client) => client.card.upsert({ where: { id: 99 }, create: { name: 'New' }, update: { viewCount: 5 } }),
    early: { ...updateRefusal('Card', 'Card.upsert', 'viewCount'), operation: 'upsert' },
    statement: insertCard,
  },
  {
    name: 'upsert that only creates',
    run: (client) => client.card.upsert({ where: { id: 99 }, create: { name: 'New' }, update: {} }),
    statement: insertCard,
  },
  {
    name: 'delete',
    run: (client) => client.card.delete({ where: { id: 3 } }),
    early: rowRefusal('delete', 'Card', 'Card.delete'),
    statement: deleteCard,
  },
  {
    name: 'deleteMany',
    run: (client) => client.card.deleteMany({ where: { name: { startsWith: 'R' } } }),
    early: rowRefusal('delete', 'Card', 'Card.deleteMany'),
    statement: deleteCard,
  },
  {
    name: 'deleteMany with a limit',
    run: (client) => client.card.deleteMany({ limit: 1 }),
    early: rowRefusal('delete', 'Card', 'Card.deleteMany'),
    statement: deleteCard,
  },
  {
    name: 'delete that cascades in the database',
    run: (client) => client.user.delete({ where: { id: 1 } }),
    early: rowRefusal('delete', 'User', 'User.delete'),
    statement: { operation: 'delete', table: 'core_user' },
  },
]
