import { rowRefusal, updateRefusal, type WriteForm } from './write-form.ts'

const insertCard = { operation: 'insert', table: 'report_card' }
const updateCard = { operation: 'update', table: 'report_card' }

/** Raw SQL, which no model names. */
export const rawForms: readonly WriteForm[] = [
  {
    name: '$executeRaw',
    run: (client) => client.$executeRaw`UPDATE report_card SET name = ${'Changed'} WHERE id = ${1}`,
    statement: updateCard,
  },
  {
    name: '$executeRawUnsafe',
    run: (client) => client.$executeRawUnsafe('DELETE FROM "public"."report_card" WHERE id = $1', 3),
    statement: { operation: 'delete', table: 'report_card' },
  },
  {
    name: '$queryRaw with RETURNING',
    run: (client) => client.$queryRaw`INSERT INTO report_card (name) VALUES (${'New'}) RETURNING id`,
    statement: insertCard,
  },
  {
    name: '$queryRawUnsafe of a write inside a CTE',
    run: (client) =>
      client.$queryRawUnsafe('WITH gone AS (DELETE FROM tag WHERE id = 2 RETURNING id) SELECT id FROM gone'),
    statement: { operation: 'delete', table: 'tag' },
  },
  {
    name: 'a write behind a comment',
    run: (client) => client.$executeRawUnsafe('/* SELECT */ UPDATE report_card SET view_count = 8'),
    statement: updateCard,
  },
  {
    name: 'several statements in one text',
    run: (client) => client.$executeRawUnsafe('SELECT 1; DELETE FROM setting'),
    statement: { operation: 'delete', table: 'setting' },
  },
  {
    name: 'TRUNCATE',
    run: (client) => client.$executeRawUnsafe('TRUNCATE audit_log'),
    statement: { operation: 'truncate', table: 'audit_log' },
  },
  {
    name: 'DDL',
    run: (client) => client.$executeRawUnsafe('CREATE TABLE extra (id int)'),
    statement: { operation: 'CREATE' },
  },
  {
    name: '$queryRawTyped',
    run: (client, { typedSql }) =>
      client.$queryRawTyped(typedSql('UPDATE report_card SET view_count = 4 RETURNING id')),
    statement: updateCard,
  },
]

/** Writes in transactions that Prisma opens for the caller. */
export const transactionForms: readonly WriteForm[] = [
  {
    name: 'interactive transaction',
    run: (client) =>
      client.$transaction(async (tx) => {
        await tx.card.findMany()
        await tx.card.update({ where: { id: 1 }, data: { name: 'Changed' } })
      }),
    early: updateRefusal('Card', 'Card.update', 'name'),
    statement: updateCard,
  },
  {
    name: 'interactive transaction at another isolation level',
    run: (client) =>
      client.$transaction((tx) => tx.card.create({ data: { name: 'New' } }), { isolationLevel: 'Serializable' }),
    early: rowRefusal('insert', 'Card', 'Card.create'),
    statement: insertCard,
  },
  {
    name: 'raw SQL in an interactive transaction',
    run: (client) => client.$transaction((tx) => tx.$executeRaw`UPDATE report_card SET name = ${'x'} WHERE id = 1`),
    statement: updateCard,
  },
  {
    name: 'batch',
    run: (client) =>
      client.$transaction([
        client.card.findMany(),
        client.card.update({ where: { id: 1 }, data: { viewCount: 2 } }),
        client.tag.findMany(),
      ]),
    early: updateRefusal('Card', 'Card.update', 'viewCount'),
    statement: updateCard,
  },
  {
    name: 'batch with raw SQL',
    run: (client) => client.$transaction([client.$executeRaw`DELETE FROM setting`, client.card.count()]),
    statement: { operation: 'delete', table: 'setting' },
  },
]
