import 'reflect-metadata'
import type { Cluster } from '@quiesce/core'
import { attachReadOnly } from '@quiesce/typeorm'
import { DataSource, EntitySchema } from 'typeorm'
import type { Writes } from './writes.ts'

/** The entities, with the types that the database has for them. */
function entitiesOf(postgres: boolean) {
  const id = postgres
    ? ({ type: 'uuid', primary: true } as const)
    : ({ type: 'char', length: 36, primary: true } as const)
  const reference = postgres ? ({ type: 'uuid' } as const) : ({ type: 'char', length: 36 } as const)
  const text = postgres ? ({ type: 'text' } as const) : ({ type: 'varchar', length: 200 } as const)
  const time = postgres ? ({ type: 'timestamptz' } as const) : ({ type: 'datetime', precision: 3 } as const)
  const collection = new EntitySchema<{ id: string; name: string }>({
    name: 'Collection',
    tableName: 'collection',
    columns: { id, name: text },
  })
  const card = new EntitySchema<{
    id: string
    name: string
    collectionId: string
    lastUsedAt: Date | null
    updatedAt: Date
  }>({
    name: 'Card',
    tableName: 'report_card',
    columns: {
      id,
      name: text,
      collectionId: { ...reference, name: 'collection_id', nullable: true },
      lastUsedAt: { ...time, name: 'last_used_at', nullable: true },
      updatedAt: { ...time, name: 'updated_at', updateDate: true },
    },
  })
  const session = new EntitySchema<{ id: string }>({ name: 'Session', tableName: 'core_session', columns: { id } })
  const auditLog = new EntitySchema<{ id: string; topic: string }>({
    name: 'AuditLog',
    tableName: 'audit_log',
    columns: { id: { type: 'bigint', primary: true, generated: true }, topic: text },
  })
  return { collection, card, session, auditLog }
}

/** The load through TypeORM. */
export async function typeormWrites(cluster: Cluster, url: string): Promise<Writes> {
  const { collection, card, session, auditLog } = entitiesOf(url.startsWith('postgres'))
  const type = url.startsWith('postgres') ? 'postgres' : url.startsWith('mariadb') ? 'mariadb' : 'mysql'
  const db = new DataSource({ type, url, entities: [collection, card, session, auditLog], poolSize: 8 })
  attachReadOnly(cluster, db)
  await db.initialize()
  return {
    async createCard(id) {
      await db.transaction(async (manager) => {
        await manager.save(collection, { id, name: 'by typeorm' })
        await manager.save(card, { id, name: `card ${id}`, collectionId: id })
      })
    },
    async renameCard(id, name) {
      await db.getRepository(card).update({ id }, { name })
    },
    async touchCard(id) {
      await db.getRepository(card).update({ id }, { lastUsedAt: new Date() })
    },
    async logIn(id) {
      await db.getRepository(session).insert({ id })
      await db.getRepository(auditLog).insert({ topic: 'login' })
    },
    countCards: () => db.getRepository(card).count(),
    close: () => db.destroy(),
  }
}
