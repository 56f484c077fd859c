import { rowRefusal, updateRefusal, type WriteForm } from './write-form.ts'

const insertCard = { operation: 'insert', table: 'report_card' }
const updateCard = { operation: 'update', table: 'report_card' }
const deleteCard = { operation: 'delete', table: 'report_card' }
const link = (operation: string, model: string, path: string) => ({ operation, model, path })

/** Writes nested in an operation of another model, through one-to-many and many-to-one relations. */
export const nestedForms: readonly WriteForm[] = [
  {
    name: 'create with a nested create',
    run: (client) => client.user.create({ data: { email: 'b@example.com', sessions: { create: { id: 's2' } } } }),
    early: rowRefusal('insert', 'User', 'User.create'),
    statement: { operation: 'insert', table: 'core_user' },
  },
  {
    name: 'nested create',
    run: (client) => client.collection.update({ where: { id: 1 }, data: { cards: { create: [{ name: 'New' }] } } }),
    early: rowRefusal('insert', 'Card', 'Collection.update > cards.create'),
    statement: insertCard,
  },
  {
    name: 'nested createMany',
    run: (client) =>
      client.collection.update({ where: { id: 1 }, data: { cards: { createMany: { data: [{ name: 'New' }] } } } }),
    early: rowRefusal('insert', 'Card', 'Collection.update > cards.createMany'),
    statement: insertCard,
  },
  {
    name: 'nested connectOrCreate that creates',
    run: (client) =>
      client.collection.update({
        where: { id: 1 },
        data: { cards: { connectOrCreate: { where: { name: 'New' }, create: { name: 'New' } } } },
      }),
    early: link('connectOrCreate', 'Card', 'Collection.update > cards.connectOrCreate'),
    statement: insertCard,
  },
  {
    name: 'nested connectOrCreate that connects',
    run: (client) =>
      client.collection.update({
        where: { id: 1 },
        data: { cards: { connectOrCreate: { where: { id: 3 }, create: { name: 'New' } } } },
      }),
    early: link('connectOrCreate', 'Card', 'Collection.update > cards.connectOrCreate'),
    statement: updateCard,
  },
  {
    name: 'nested update',
    run: (client) =>
      client.collection.update({
        where: { id: 1 },
        data: { cards: { update: { where: { id: 1 }, data: { name: 'Changed' } } } },
      }),
    early: updateRefusal('Card', 'Collection.update > cards.update', 'name'),
    statement: updateCard,
  },
  {
    name: 'nested updateMany',
    run: (client) =>
      client.collection.update({
        where: { id: 1 },
        data: { cards: { updateMany: { where: {}, data: { description: 'x' } } } },
      }),
    early: updateRefusal('Card', 'Collection.update > cards.updateMany', 'description'),
    statement: updateCard,
  },
  {
    name: 'nested upsert',
    run: (client) =>
      client.collection.update({
        where: { id: 1 },
        data: { cards: { upsert: { where: { id: 1 }, create: { name: 'New' }, update: { viewCount: 3 } } } },
      }),
    early: { ...updateRefusal('Card', 'Collection.update > cards.upsert', 'viewCount'), operation: 'upsert' },
    statement: updateCard,
  },
  {
    name: 'nested delete',
    run: (client) => client.collection.update({ where: { id: 1 }, data: { cards: { delete: { id: 2 } } } }),
    early: rowRefusal('delete', 'Card', 'Collection.update > cards.delete'),
    statement: deleteCard,
  },
  {
    name: 'nested deleteMany',
    run: (client) => client.collection.update({ where: { id: 1 }, data: { cards: { deleteMany: {} } } }),
    early: rowRefusal('delete', 'Card', 'Collection.update > cards.deleteMany'),
    statement: deleteCard,
  },
  {
    name: 'nested connect of rows with the foreign key',
    run: (client) => client.collection.update({ where: { id: 1 }, data: { cards: { connect: { id: 3 } } } }),
    early: link('connect', 'Card', 'Collection.update > cards.connect'),
    statement: updateCard,
  },
  {
    name: 'nested disconnect of rows with the foreign key',
    run: (client) => client.collection.update({ where: { id: 1 }, data: { cards: { disconnect: [{ id: 1 }] } } }),
    early: link('disconnect', 'Card', 'Collection.update > cards.disconnect'),
    statement: updateCard,
  },
  {
    name: 'nested set of rows with the foreign key',
    run: (client) => client.collection.update({ where: { id: 1 }, data: { cards: { set: [{ id: 3 }] } } }),
    early: link('set', 'Card', 'Collection.update > cards.set'),
    statement: updateCard,
  },
  {
    name: 'nested set of nothing',
    run: (client) => client.collection.update({ where: { id: 1 }, data: { cards: { set: [] } } }),
    early: link('set', 'Card', 'Collection.update > cards.set'),
    statement: updateCard,
  },
  {
    name: 'connect by the own foreign key',
    run: (client) => client.card.update({ where: { id: 3 }, data: { collection: { connect: { id: 1 } } } }),
    early: link('connect', 'Collection', 'Card.update > collection.connect'),
    statement: updateCard,
  },
  {
    name: 'disconnect by the own foreign key',
    run: (client) => client.card.update({ where: { id: 1 }, data: { collection: { disconnect: true } } }),
    early: link('disconnect', 'Collection', 'Card.update > collection.disconnect'),
    statement: updateCard,
  },
  {
    name: 'create of the row that the own foreign key names',
    run: (client) => client.card.update({ where: { id: 1 }, data: { collection: { create: { name: 'New' } } } }),
    early: rowRefusal('insert', 'Collection', 'Card.update > collection.create'),
    statement: { operation: 'insert', table: 'collection' },
  },
  {
    name: 'update of the row that the own foreign key names',
    run: (client) => client.card.update({ where: { id: 1 }, data: { collection: { update: { name: 'Changed' } } } }),
    early: updateRefusal('Collection', 'Card.update > collection.update', 'name'),
    statement: { operation: 'update', table: 'collection' },
  },
  {
    name: 'upsert of the row that the own foreign key names',
    run: (client) =>
      client.card.update({
        where: { id: 1 },
        data: { collection: { upsert: { create: { name: 'New' }, update: { name: 'Changed' } } } },
      }),
    early: { ...updateRefusal('Collection', 'Card.update > collection.upsert', 'name'), operation: 'upsert' },
    statement: { operation: 'update', table: 'collection' },
  },
  {
    name: 'delete of the row that the own foreign key names',
    run: (client) => client.card.update({ where: { id: 1 }, data: { collection: { delete: true } } }),
    early: rowRefusal('delete', 'Collection', 'Card.update > collection.delete'),
    statement: { operation: 'delete', table: 'collection' },
  },
  {
    name: 'connectOrCreate by the own foreign key',
    run: (client) =>
      client.card.update({
        where: { id: 3 },
        data: { collection: { connectOrCreate: { where: { name: 'New' }, create: { name: 'New' } } } },
      }),
    early: link('connectOrCreate', 'Collection', 'Card.update > collection.connectOrCreate'),
    statement: { operation: 'insert', table: 'collection' },
  },
]

/** Writes nested in an operation of another model, through an implicit many-to-many relation. */
export const manyToManyForms: readonly WriteForm[] = [
  {
    name: 'connect of many to many',
    run: (client) => client.card.update({ where: { id: 1 }, data: { tags: { connect: { id: 2 } } } }),
    early: link('connect', 'Tag', 'Card.update > tags.connect'),
    statement: { operation: 'insert', table: '_CardToTag' },
  },
  {
    name: 'disconnect of many to many',
    run: (client) => client.card.update({ where: { id: 1 }, data: { tags: { disconnect: { id: 1 } } } }),
    early: link('disconnect', 'Tag', 'Card.update > tags.disconnect'),
    statement: { operation: 'delete', table: '_CardToTag' },
  },
  {
    name: 'set of many to many',
    run: (client) => client.card.update({ where: { id: 1 }, data: { tags: { set: [{ id: 2 }] } } }),
    early: link('set', 'Tag', 'Card.update > tags.set'),
    statement: { operation: 'delete', table: '_CardToTag' },
  },
  {
    name: 'create of many to many',
    run: (client) => client.card.update({ where: { id: 1 }, data: { tags: { create: { name: 'green' } } } }),
    early: rowRefusal('insert', 'Tag', 'Card.update > tags.create'),
    statement: { operation: 'insert', table: 'tag' },
  },
  {
    name: 'connectOrCreate of many to many',
    run: (client) =>
      client.card.update({
        where: { id: 1 },
        data: { tags: { connectOrCreate: { where: { name: 'blue' }, create: { name: 'blue' } } } },
      }),
    early: link('connectOrCreate', 'Tag', 'Card.update > tags.connectOrCreate'),
    statement: { operation: 'insert', table: '_CardToTag' },
  },
  {
    name: 'write three models deep',
    run: (client) =>
      client.collection.update({
        where: { id: 1 },
        data: { cards: { update: { where: { id: 1 }, data: { tags: { connect: { id: 2 } } } } } },
      }),
    early: link('connect', 'Tag', 'Collection.update > cards.update > tags.connect'),
    statement: { operation: 'insert', table: '_CardToTag' },
  },
]
