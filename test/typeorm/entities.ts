import type { EntitySchema, EntitySchemaColumnOptions, ObjectLiteral } from 'typeorm'
import type { TypeormModule } from './typeorm-module.ts'

const id: EntitySchemaColumnOptions = { type: 'int', primary: true, generated: 'increment' }
const text: EntitySchemaColumnOptions = { type: 'varchar', nullable: true }
const number: EntitySchemaColumnOptions = { type: 'int', default: 0 }

/**
 * The tables of the test application, with every kind of relation and tree that TypeORM writes in its own way.
 *
 * @param moment how the database calls a point in time.
 */
export function createEntities(
  { EntitySchema }: TypeormModule,
  moment: 'timestamptz' | 'datetime' = 'timestamptz',
): EntitySchema[] {
  const plain = (name: string, tableName: string, columns: Record<string, EntitySchemaColumnOptions> = {}) =>
    new EntitySchema<ObjectLiteral>({ name, tableName, columns: { id, name: text, ...columns } })

  const reportCard = new EntitySchema<ObjectLiteral>({
    name: 'ReportCard',
    tableName: 'report_card',
    columns: {
      id,
      name: { ...text, unique: true },
      description: text,
      lastUsedAt: { name: 'last_used_at', type: moment, nullable: true },
      updatedAt: { name: 'updated_at', type: moment, updateDate: true },
      viewCount: { name: 'view_count', ...number },
      version: { type: 'int', version: true },
    },
    relations: {
      collection: {
        type: 'many-to-one',
        target: 'Collection',
        inverseSide: 'cards',
        joinColumn: { name: 'collection_id' },
        nullable: true,
      },
      tags: {
        type: 'many-to-many',
        target: 'Tag',
        joinTable: {
          name: 'report_card_tag',
          joinColumn: { name: 'card_id' },
          inverseJoinColumn: { name: 'tag_id' },
        },
      },
    },
  })
  const collection = new EntitySchema<ObjectLiteral>({
    name: 'Collection',
    tableName: 'collection',
    columns: { id, name: text },
    relations: {
      cards: { type: 'one-to-many', target: 'ReportCard', inverseSide: 'collection', cascade: true },
    },
  })
  const document = plain('Document', 'document', {
    score: number,
    version: { type: 'int', version: true },
    updatedAt: { name: 'updated_at', type: moment, updateDate: true },
    deletedAt: { name: 'deleted_at', type: moment, deleteDate: true, nullable: true },
  })
  const address = new EntitySchema<ObjectLiteral>({
    name: 'Address',
    columns: { street: { name: 'home_street', ...text }, zip: { name: 'home_zip', ...text } },
  })
  const user = new EntitySchema<ObjectLiteral>({
    name: 'CoreUser',
    tableName: 'core_user',
    columns: { id, name: text, isFrozen: { name: 'is_frozen', type: 'boolean', default: false, update: false } },
    embeddeds: { home: { schema: address, prefix: false } },
  })
  const setting = new EntitySchema<ObjectLiteral>({
    name: 'Setting',
    tableName: 'setting',
    columns: { id, name: text, value: text },
    relations: { migrations: { type: 'one-to-many', target: 'CloudMigration', inverseSide: 'setting' } },
  })
  const cloudMigration = new EntitySchema<ObjectLiteral>({
    name: 'CloudMigration',
    tableName: 'cloud_migration',
    columns: { id, name: text, state: text },
    relations: {
      setting: {
        type: 'many-to-one',
        target: 'Setting',
        inverseSide: 'migrations',
        joinColumn: { name: 'setting_id' },
        nullable: true,
        // Without it the table of settings can be truncated.
        createForeignKeyConstraints: false,
      },
    },
  })
  return [
    reportCard,
    setting,
    cloudMigration,
    collection,
    document,
    user,
    plain('Tag', 'tag'),
    plain('CoreSession', 'core_session'),
    plain('LoginHistory', 'login_history'),
    plain('AuditLog', 'audit_log'),
    plain('ViewLog', 'view_log'),
    tree(EntitySchema, 'ClosureNode', 'closure_node', 'closure-table'),
    tree(EntitySchema, 'NestedNode', 'nested_node', 'nested-set'),
    tree(EntitySchema, 'PathNode', 'path_node', 'materialized-path'),
  ]
}

function tree(
  Schema: TypeormModule['EntitySchema'],
  name: string,
  tableName: string,
  type: 'closure-table' | 'nested-set' | 'materialized-path',
): EntitySchema {
  return new Schema<ObjectLiteral>({
    name,
    tableName,
    columns: { id, name: text },
    trees: [{ type }],
    relations: {
      parent: { type: 'many-to-one', target: name, inverseSide: 'children', treeParent: true, nullable: true },
      children: { type: 'one-to-many', target: name, inverseSide: 'parent', treeChildren: true, cascade: true },
    },
  })
}
