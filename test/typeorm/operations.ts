import type { DataSource, EntityManager, ObjectLiteral, Repository } from 'typeorm'

/** One way to write that TypeORM offers. */
export interface Operation {
  readonly name: string
  /** The entity that the error must name, where a layer above the statement knows it. */
  readonly model?: string
  run(db: DataSource): Promise<unknown>
}

type Cards = Repository<ObjectLiteral>
const cards = (db: DataSource | EntityManager): Cards => db.getRepository('ReportCard')
const documents = (db: DataSource): Cards => db.getRepository('Document')
const card = (db: DataSource): Promise<ObjectLiteral> => cards(db).findOneByOrFail({ name: 'revenue' })

/** The operations of repositories. */
export const repositoryOperations: readonly Operation[] = [
  { name: 'save, new', model: 'ReportCard', run: (db) => cards(db).save({ name: 'new' }) },
  { name: 'save, changed', model: 'ReportCard', run: async (db) => cards(db).save({ ...(await card(db)), name: 'x' }) },
  {
    name: 'save, many',
    model: 'ReportCard',
    run: (db) => cards(db).save([{ name: 'a' }, { name: 'b' }, { name: 'c' }], { chunk: 2 }),
  },
  { name: 'save without listeners', run: (db) => cards(db).save({ name: 'new' }, { listeners: false }) },
  {
    name: 'save without transaction',
    model: 'ReportCard',
    run: (db) => cards(db).save({ name: 'new' }, { transaction: false }),
  },
  { name: 'insert', model: 'ReportCard', run: (db) => cards(db).insert({ name: 'new' }) },
  { name: 'insert, many', model: 'ReportCard', run: (db) => cards(db).insert([{ name: 'a' }, { name: 'b' }]) },
  { name: 'update', model: 'ReportCard', run: (db) => cards(db).update({ name: 'revenue' }, { description: 'x' }) },
  {
    name: 'update by id',
    model: 'ReportCard',
    run: (db) => cards(db).update(1, { viewCount: () => 'view_count + 1' }),
  },
  { name: 'updateAll', model: 'ReportCard', run: (db) => cards(db).updateAll({ description: 'x' }) },
  {
    name: 'update of an embedded column',
    model: 'CoreUser',
    run: (db) => db.getRepository('CoreUser').update(1, { home: { zip: 'x' } }),
  },
  { name: 'increment', model: 'ReportCard', run: (db) => cards(db).increment({ id: 1 }, 'viewCount', 1) },
  { name: 'decrement', model: 'ReportCard', run: (db) => cards(db).decrement({ id: 1 }, 'viewCount', 1) },
  { name: 'upsert', model: 'ReportCard', run: (db) => cards(db).upsert({ name: 'revenue', viewCount: 9 }, ['name']) },
  { name: 'delete', model: 'ReportCard', run: (db) => cards(db).delete({ name: 'costs' }) },
  { name: 'deleteAll', model: 'Document', run: (db) => documents(db).deleteAll() },
  { name: 'remove', model: 'ReportCard', run: async (db) => cards(db).remove(await card(db)) },
  { name: 'softDelete', model: 'Document', run: (db) => documents(db).softDelete({ name: 'kept' }) },
  { name: 'restore', model: 'Document', run: (db) => documents(db).restore({ name: 'gone' }) },
  {
    name: 'softRemove',
    model: 'Document',
    run: async (db) => documents(db).softRemove(await documents(db).findOneByOrFail({ name: 'kept' })),
  },
  {
    name: 'recover',
    model: 'Document',
    run: async (db) =>
      documents(db).recover(await documents(db).findOneOrFail({ where: { name: 'gone' }, withDeleted: true })),
  },
  { name: 'clear', run: (db) => db.getRepository('Setting').clear() },
]

/** The operations of query builders. */
export const builderOperations: readonly Operation[] = [
  {
    name: 'insert … orUpdate',
    model: 'ReportCard',
    run: (db) =>
      cards(db)
        .createQueryBuilder()
        .insert()
        .values({ name: 'revenue', description: 'x' })
        .orUpdate(['description'], ['name'])
        .execute(),
  },
  {
    name: 'insert … orIgnore',
    model: 'ReportCard',
    run: (db) => cards(db).createQueryBuilder().insert().values({ name: 'new' }).orIgnore().execute(),
  },
  {
    name: 'insert without listeners',
    run: (db) => cards(db).createQueryBuilder().insert().values({ name: 'new' }).callListeners(false).execute(),
  },
  {
    name: 'update by query builder',
    model: 'ReportCard',
    run: (db) => cards(db).createQueryBuilder().update().set({ name: 'x' }).where('id = 1').execute(),
  },
  {
    name: 'update without listeners',
    run: (db) => cards(db).createQueryBuilder().update().set({ description: 'x' }).callListeners(false).execute(),
  },
  {
    name: 'update in a transaction of the builder',
    model: 'ReportCard',
    run: (db) =>
      cards(db).createQueryBuilder().update().set({ name: 'x' }).where('id = 1').useTransaction(true).execute(),
  },
  {
    name: 'update of a table by name',
    run: (db) => db.createQueryBuilder().update('setting').set({ value: 'x' }).execute(),
  },
  {
    name: 'delete by query builder',
    model: 'ReportCard',
    run: (db) => cards(db).createQueryBuilder().delete().where('id = 1').execute(),
  },
  {
    name: 'delete without listeners',
    run: (db) => cards(db).createQueryBuilder().delete().callListeners(false).execute(),
  },
  {
    name: 'softDelete by query builder',
    model: 'Document',
    run: (db) => documents(db).createQueryBuilder().softDelete().where('id = 1').execute(),
  },
  {
    name: 'restore by query builder',
    model: 'Document',
    run: (db) => documents(db).createQueryBuilder().restore().where('id = 2').execute(),
  },
]

/** The operations of relations and trees. */
export const relationOperations: readonly Operation[] = [
  {
    name: 'many-to-many, added by save',
    run: async (db) => cards(db).save({ ...(await card(db)), tags: [{ id: 1 }, { id: 2 }] }),
  },
  { name: 'many-to-many, removed by save', run: async (db) => cards(db).save({ ...(await card(db)), tags: [] }) },
  { name: 'relation add', run: (db) => cards(db).createQueryBuilder().relation('tags').of(1).add(2) },
  { name: 'relation remove', run: (db) => cards(db).createQueryBuilder().relation('tags').of(1).remove(1) },
  {
    name: 'relation set',
    model: 'ReportCard',
    run: (db) => cards(db).createQueryBuilder().relation('collection').of(1).set(null),
  },
  {
    name: 'orphans of a one-to-many',
    model: 'ReportCard',
    run: (db) => db.getRepository('Collection').save({ id: 1, cards: [{ id: 1 }] }),
  },
  {
    name: 'cascaded insert',
    model: 'ReportCard',
    run: (db) => db.getRepository('Collection').save({ id: 1, cards: [{ id: 1 }, { id: 2 }, { name: 'third' }] }),
  },
  {
    name: 'cascaded update',
    run: (db) => db.getRepository('Collection').save({ id: 1, cards: [{ id: 1, name: 'x' }, { id: 2 }] }),
  },
  ...(['ClosureNode', 'NestedNode', 'PathNode'] as const).flatMap((model): readonly Operation[] => {
    const nodes = (db: DataSource): Cards => db.getTreeRepository(model)
    const named = (db: DataSource, name: string): Promise<ObjectLiteral> => nodes(db).findOneByOrFail({ name })
    return [
      {
        name: `${model} added`,
        model,
        run: async (db) => nodes(db).save({ name: 'new', parent: await named(db, 'child') }),
      },
      ...(model === 'NestedNode'
        ? []
        : [
            {
              name: `${model} moved`,
              run: async (db: DataSource) =>
                nodes(db).save({ ...(await named(db, 'leaf')), parent: await named(db, 'root') }),
            },
          ]),
      { name: `${model} removed`, run: async (db) => nodes(db).remove(await named(db, 'leaf')) },
    ]
  }),
]
