import type { WriteForm } from '../support/write-form.ts'

const insertCard = { operation: 'insert', table: 'report_card' }
const updateCard = { operation: 'update', table: 'report_card' }
const deleteCard = { operation: 'delete', table: 'report_card' }

/** Raw SQL in MySQL's and MariaDB's own words, which no model names. */
export const mysqlForms: readonly WriteForm[] = [
  {
    name: '$executeRaw',
    run: (client) => client.$executeRaw`UPDATE report_card SET name = ${'Changed'} WHERE id = ${1}`,
    statement: updateCard,
  },
  {
    name: '$executeRawUnsafe',
    run: (client) => client.$executeRawUnsafe('DELETE FROM `report_card` WHERE id = ?', 3),
    statement: deleteCard,
  },
  {
    name: '$queryRaw of an INSERT',
    run: (client) => client.$queryRaw`INSERT INTO report_card SET name = ${'New'}`,
    statement: insertCard,
  },
  {
    name: 'INSERT … ON DUPLICATE KEY UPDATE',
    run: (client) =>
      client.$executeRaw`INSERT INTO report_card (id, name) VALUES (1, 'x') ON DUPLICATE KEY UPDATE name = 'x'`,
    statement: insertCard,
  },
  {
    name: 'REPLACE',
    run: (client) => client.$executeRaw`REPLACE INTO setting VALUES ('site-name', 'x')`,
    statement: { operation: 'insert', table: 'setting' },
  },
  {
    name: 'UPDATE of a join',
    run: (client) =>
      client.$executeRaw`UPDATE report_card c JOIN collection k ON k.id = c.collection_id SET c.name = concat(c.name, k.name)`,
    statement: updateCard,
  },
  {
    name: 'DELETE from a join',
    run: (client) =>
      client.$executeRaw`DELETE c FROM report_card c LEFT JOIN collection k ON k.id = c.collection_id WHERE k.id IS NULL`,
    statement: deleteCard,
  },
  {
    name: 'a write behind a comment',
    run: (client) => client.$executeRawUnsafe('# SELECT\nUPDATE report_card SET view_count = 8'),
    statement: updateCard,
  },
  {
    name: 'a write in a comment that the server executes',
    run: (client) => client.$executeRawUnsafe('/*!50100 DELETE FROM setting */'),
    statement: { operation: 'delete', table: 'setting' },
  },
  {
    name: 'TRUNCATE',
    run: (client) => client.$executeRaw`TRUNCATE audit_log`,
    statement: { operation: 'truncate', table: 'audit_log' },
  },
  {
    name: 'DDL',
    run: (client) => client.$executeRaw`CREATE TABLE extra (id int)`,
    statement: { operation: 'CREATE' },
  },
  {
    name: '$queryRawTyped',
    run: (client, { typedSql }) => client.$queryRawTyped(typedSql('UPDATE report_card SET view_count = 4')),
    statement: updateCard,
  },
  {
    name: 'DDL in an interactive transaction',
    run: (client) =>
      client.$transaction(async (tx) => {
        await tx.card.count()
        await tx.$executeRaw`CREATE TABLE extra (id int)`
      }),
    statement: { operation: 'CREATE' },
  },
]

/** What only MariaDB understands. */
export const mariadbForms: readonly WriteForm[] = [
  ...mysqlForms,
  {
    name: '$queryRaw with RETURNING',
    run: (client) => client.$queryRaw`INSERT INTO report_card (name) VALUES (${'New'}) RETURNING id`,
    statement: insertCard,
  },
]
