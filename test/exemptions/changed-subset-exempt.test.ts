import { PrismaPg } from '@prisma/adapter-pg'
import { isReadOnlyError } from '@quiesce/core'
import { guardAdapter, readOnlyMode } from '@quiesce/prisma'
import { freshDatabase } from '@quiesce/test-servers'
import { attachReadOnly } from '@quiesce/typeorm'
import fc from 'fast-check'
import type pg from 'pg'
import { DataSource, EntitySchema } from 'typeorm'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Exemptions } from '../../packages/core/src/domain/exemption.ts'
import { PrismaClient } from '../prisma/generated/client.ts'
import { createTables } from '../prisma/support/tables.ts'
import { createTestCluster } from '../prisma/support/test-cluster.ts'
import { quietPool } from '../support/quiet-pool.ts'

/** Names that need quotes, fold, clash with keywords, or look like another name. */
const columns = ['name', 'Name', 'last used', 'select', 'set', 'größe', 'a"b', 'updated_at', 'x'] as const
const tables = ['card', 'Card', 'order', 'card log', 'ca"rd'] as const
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

let database: { url: string; drop(): Promise<void> }
let pool: pg.Pool

beforeAll(async () => {
  database = await freshDatabase(inject('postgresUrl'), 'exemptions')
  pool = quietPool({ connectionString: database.url, max: 2 })
  for (const table of tables) {
    await pool.query(
      `CREATE TABLE ${quoted(table)} (id int PRIMARY KEY, ${columns.map((name) => `${quoted(name)} int NOT NULL DEFAULT 0`).join(', ')})`,
    )
    await pool.query(`INSERT INTO ${quoted(table)} (id) VALUES (1)`)
  }
})
afterAll(async () => {
  await pool?.end()
  await database?.drop()
})

/** The columns whose values differ from 0, by table; everything is put back to 0. */
async function takeChanges(): Promise<ReadonlyMap<string, readonly string[]>> {
  const changes = new Map<string, readonly string[]>()
  for (const table of tables) {
    const { rows } = await pool.query(`SELECT * FROM ${quoted(table)}`)
    const changed = columns.filter((name) => rows[0]?.[name] !== 0)
    if (changed.length > 0) changes.set(table, changed)
    await pool.query(`UPDATE ${quoted(table)} SET ${columns.map((name) => `${quoted(name)} = 0`).join(', ')}`)
  }
  return changes
}

const someColumns = fc.uniqueArray(fc.constantFrom(...columns), { minLength: 1, maxLength: 4 })
const exemptions: fc.Arbitrary<Exemptions> = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom(...tables),
      fc.oneof(someColumns, fc.constant(true as const), fc.constant({ insert: true })),
    ),
    {
      selector: ([table]) => table,
      maxLength: 4,
    },
  )
  .map((entries) => Object.fromEntries(entries))

function mayPass(exempt: Exemptions, table: string, changed: readonly string[]): boolean {
  const rule = exempt[table]
  return rule === true || (Array.isArray(rule) && changed.every((name) => rule.includes(name)))
}

/** What one attempt did: the write passed exactly when it was exempt, and nothing but what it asked for has changed. */
async function expectSubset(
  exempt: Exemptions,
  table: string,
  changed: readonly string[],
  write: () => Promise<unknown>,
): Promise<void> {
  const outcome = await write().then(
    () => 'passed',
    (error: unknown) => (isReadOnlyError(error) ? 'refused' : Promise.reject(error)),
  )
  const changes = await takeChanges()
  const allowed = mayPass(exempt, table, changed)
  expect({ outcome, changes: [...changes] }).toEqual({
    outcome: allowed ? 'passed' : 'refused',
    changes: allowed ? [[table, columns.filter((name) => changed.includes(name))]] : [],
  })
}

describe('changed ⊆ exempt, for random tables, columns and rules', () => {
  const attempt = fc.tuple(exemptions, fc.constantFrom(...tables), someColumns)

  test('through TypeORM: save, update, query builder and raw SQL (catches a name that is compared wrongly)', async () => {
    const entities = new Map(tables.map((table) => [table, entityOf(table)]))
    const cluster = createTestCluster()
    const db = new DataSource({ type: 'postgres', url: database.url, entities: [...entities.values()] })
    attachReadOnly(cluster, db)
    await db.initialize()
    const ways = fc.constantFrom<'save' | 'update' | 'builder' | 'raw'>('save', 'update', 'builder', 'raw')
    const property = fc.asyncProperty(attempt, ways, async ([exempt, table, changed], way) => {
      cluster.freeze(exempt)
      const entity = entities.get(table) ?? entityOf(table)
      const values = Object.fromEntries(changed.map((name) => [`p${columns.indexOf(name)}`, 1]))
      const writes = {
        save: () => db.getRepository(entity).save({ id: 1, ...values }),
        update: () => db.getRepository(entity).update({ id: 1 }, values),
        builder: () => db.createQueryBuilder().update(entity).set(values).where('id = 1').execute(),
        raw: () => db.query(updateOf(table, changed)),
      }
      await expectSubset(exempt, table, changed, writes[way])
    })
    await fc.assert(property, { numRuns: 150, endOnFailure: true })
    await db.destroy()
  })

  test('through Prisma: raw SQL, alone, in batches and in interactive transactions', async () => {
    const cluster = createTestCluster()
    const base = new PrismaClient({ adapter: guardAdapter(cluster, new PrismaPg({ connectionString: database.url })) })
    const prisma = base.$extends(readOnlyMode(cluster))
    const ways = fc.constantFrom<'alone' | 'base' | 'batch' | 'interactive' | 'returning'>(
      'alone',
      'base',
      'batch',
      'interactive',
      'returning',
    )
    const property = fc.asyncProperty(attempt, ways, async ([exempt, table, changed], way) => {
      cluster.freeze(exempt)
      const sql = updateOf(table, changed)
      const writes = {
        alone: () => prisma.$executeRawUnsafe(sql),
        base: () => base.$executeRawUnsafe(sql),
        batch: () => prisma.$transaction([prisma.$queryRaw`SELECT 1`, prisma.$executeRawUnsafe(sql)]),
        interactive: () => prisma.$transaction((tx) => tx.$executeRawUnsafe(sql)),
        returning: () => prisma.$queryRawUnsafe(`${sql} RETURNING id`),
      }
      await expectSubset(exempt, table, changed, writes[way])
    })
    await fc.assert(property, { numRuns: 150, endOnFailure: true })
    await prisma.$disconnect()
  })
})

test('changed ⊆ exempt through Prisma’s models: the columns that a model update assigns, with what Prisma adds by itself', async () => {
  const models = await freshDatabase(inject('postgresUrl'), 'models')
  const rows = await createTables(models.url)
  const cluster = createTestCluster()
  const prisma = new PrismaClient({
    adapter: guardAdapter(cluster, new PrismaPg({ connectionString: models.url })),
  }).$extends(readOnlyMode(cluster))
  const fields = {
    name: 'name',
    description: 'description',
    lastUsedAt: 'last_used_at',
    viewCount: 'view_count',
  } as const
  const values = { name: 'new', description: 'new', lastUsedAt: new Date(0), viewCount: 7 }
  const someFields = fc.uniqueArray(fc.constantFrom(...(Object.keys(fields) as (keyof typeof fields)[])), {
    minLength: 1,
  })
  const exemptColumns = fc.uniqueArray(fc.constantFrom(...Object.values(fields), 'updated_at'), { minLength: 1 })
  const ways = fc.constantFrom<'update' | 'updateMany' | 'nested'>('update', 'updateMany', 'nested')
  const property = fc.asyncProperty(exemptColumns, someFields, ways, async (exempt, chosen, way) => {
    await rows.reset()
    const before = await rows.dump()
    cluster.freeze({ report_card: exempt })
    const data = Object.fromEntries(chosen.map((field) => [field, values[field]]))
    const writes = {
      update: () => prisma.card.update({ where: { id: 1 }, data }),
      updateMany: () => prisma.card.updateMany({ where: { id: 1 }, data }),
      nested: () =>
        prisma.collection.update({ where: { id: 1 }, data: { cards: { update: { where: { id: 1 }, data } } } }),
    }
    const outcome = await writes[way]().then(
      () => 'passed',
      (error: unknown) => (isReadOnlyError(error) ? 'refused' : Promise.reject(error)),
    )
    const assigned: readonly string[] = [...chosen.map((field) => fields[field]), 'updated_at']
    const allowed = assigned.every((column) => exempt.some((name) => name === column))
    expect(outcome).toBe(allowed ? 'passed' : 'refused')
    if (!allowed) expect(await rows.dump()).toBe(before)
  })
  await fc.assert(property, { numRuns: 120, endOnFailure: true })
  await prisma.$disconnect()
  await rows.close()
  await models.drop()
})

function updateOf(table: string, changed: readonly string[]): string {
  return `UPDATE ${quoted(table)} SET ${changed.map((name) => `${quoted(name)} = 1`).join(', ')} WHERE id = 1`
}

function entityOf(table: string): EntitySchema {
  const properties = Object.fromEntries(columns.map((name, index) => [`p${index}`, { type: 'int' as const, name }]))
  return new EntitySchema({
    name: `entity ${table}`,
    tableName: table,
    columns: { id: { type: 'int', primary: true }, ...properties },
  })
}
