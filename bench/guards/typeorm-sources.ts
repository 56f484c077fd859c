import 'reflect-metadata'
import type { Cluster } from '@quiesce/core'
import { attachReadOnly } from '@quiesce/typeorm'
import { DataSource, type DataSourceOptions, EntitySchema } from 'typeorm'

interface Card {
  id: number
  name: string
  view_count: number
}

interface ViewLog {
  id: number
  model: string
  model_id: number
}

const card = new EntitySchema<Card>({
  name: 'Card',
  tableName: 'report_card',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    name: { type: 'text' },
    view_count: { type: 'int' },
  },
})

const viewLog = new EntitySchema<ViewLog>({
  name: 'ViewLog',
  tableName: 'view_log',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    model: { type: 'text' },
    model_id: { type: 'int' },
  },
})

/** Opens a data source as it is without Quiesce, or attached as the README does it. */
export async function openDataSource(url: string, cluster: Cluster | undefined, driver?: object): Promise<DataSource> {
  const options: DataSourceOptions = { type: 'postgres', url, entities: [card, viewLog], poolSize: 2, driver }
  const dataSource = new DataSource(options)
  if (cluster !== undefined) attachReadOnly(cluster, dataSource)
  return dataSource.initialize()
}

/** The operations that are compared. */
export function typeormOperations(dataSource: DataSource): Readonly<Record<string, () => Promise<unknown>>> {
  const cards = dataSource.getRepository(card)
  const logs = dataSource.getRepository(viewLog)
  let serial = 0
  return {
    findFirst: () => cards.findOne({ where: { id: 1 } }),
    update: () => cards.update({ id: 1 }, { view_count: ++serial }),
    insert: () => logs.save({ model: 'card', model_id: ++serial }),
    transaction: () =>
      dataSource.transaction(async (manager) => {
        await manager.getRepository(card).findOne({ where: { id: 2 } })
        await manager.getRepository(card).update({ id: 2 }, { view_count: ++serial })
      }),
  }
}
