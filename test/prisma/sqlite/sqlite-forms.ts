import type { WriteForm } from '../support/write-form.ts'

const insertCard = { operation: 'insert', table: 'report_card' }
const updateCard = { operation: 'update', table: 'report_card' }
const deleteSetting = { operation: 'delete', table: 'setting' }

/** Raw SQL in SQLite's own words, which no model names. */
export const sqliteForms: readonly WriteForm[] = [
  {
    name: '$executeRaw',
    run: (client) => client.$executeRaw`UPDATE report_card SET name = ${'Changed'} WHERE id = ${1}`,
    statement: updateCard,
  },
  {
    name: '$executeRawUnsafe',
    run: (client) => client.$executeRawUnsafe('DELETE FROM "main"."report_card" WHERE id = ?', 3),
    statement: { operation: 'delete', table: 'report_card' },
  },
  {
    name: '$queryRaw with RETURNING',
    run: (client) => client.$queryRaw`INSERT INTO report_card (name) VALUES (${'New'}) RETURNING id`,
    statement: insertCard,
  },
  {
    name: 'a write behind a CTE',
    run: (client) =>
      client.$executeRawUnsafe('WITH gone AS (SELECT 2 AS id) DELETE FROM tag WHERE id IN (SELECT id FROM gone)'),
    statement: { operation: 'delete', table: 'tag' },
  },
  {
    name: 'a write behind a comment',
    run: (client) => client.$executeRawUnsafe('/* SELECT */ UPDATE report_card SET view_count = 8'),
    statement: updateCard,
  },
  {
    name: 'REPLACE',
    run: (client) => client.$executeRawUnsafe(`REPLACE INTO setting VALUES ('site-name', 'x')`),
    statement: { operation: 'insert', table: 'setting' },
  },
  {
    name: 'UPDATE OR IGNORE of a quoted name',
    run: (client) => client.$executeRawUnsafe('UPDATE OR IGNORE [report_card] SET `view_count` = 3'),
    statement: updateCard,
  },
  {
    name: 'DELETE of all rows',
    run: (client) => client.$executeRawUnsafe('DELETE FROM setting'),
    statement: deleteSetting,
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
