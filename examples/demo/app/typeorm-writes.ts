import 'reflect-metadata'
import type { Cluster } from '@quiesce/core'
import { attachReadOnly } from '@quiesce/typeorm'
import { DataSource, EntitySchema } from 'typeorm'
import type { Writes } from './writes.ts'

const Collection = new EntitySchema<{ id: string; name: string }>({
  name: 'Collection',
  tableName: 'collection',
  columns: { id: { type: 'uuid', primary: true }, name: { type: 'text' } },
})
const Card = new EntitySchema<{
  id: string
  name: string
  collectionId: string
  lastUsedAt: Date | null
  updatedAt: Date
}>({
  name: 'Card',
  tableName: 'report_card',
  columns: {
    id: { type: 'uuid', primary: true },
    name: { type: 'text' },
    collectionId: { type: 'uuid', name: 'collection_id', nullable: true },
    lastUsedAt: { type: 'timestamptz', name: 'last_used_at', nullable: true },
    updatedAt: { type: 'timestamptz', name: 'updated_at', updateDate: true },
  },
})
const Session = new EntitySchema<{ id: string }>({
  name: 'Session',
  tableName: 'core_session',
  columns: { id: { type: 'uuid', primary: true } },
})
const AuditLog = new EntitySchema<{ id: string; topic: string }>({
  name: 'AuditLog',
  tableName: 'audit_log',
  columns: { id: { type: 'bigint', primary: true, generated: true }, topic: { type: 'text' } },
})

/** The load through TypeORM. */
export async function typeormWrites(cluster: Cluster, url: string): Promise<Writes> {
  const db = new DataSource({ type: 'postgres', url, entities: [Collection, Card, Session, AuditLog], poolSize: 8 })
  attachReadOnly(cluster, db)
  await db.initialize()
  return {
    async createCard(id) {
      await db.transaction(async (manager) => {
        await manager.save(Collection, { id, name: 'by typeorm' })
        await manager.save(Card, { id, name: `card ${id}`, collectionId: id })
      })
    },
    async renameCard(id, name) {
      await db.getRepository(Card).update({ id }, { name })
    },
    async touchCard(id) {
      await db.getRepository(Card).update({ id }, { lastUsedAt: new Date() })
    },
    async logIn(id) {
      await db.getRepository(Session).insert({ id })
      await db.getRepository(AuditLog).insert({ topic: 'login' })
    },
    countCards: () => db.getRepository(Card).count(),
    close: () => db.destroy(),
  }
}
