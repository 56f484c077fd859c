import { type Cluster, isReadOnlyError } from '@quiesce/core'
import { alternate, repeat, type Variant } from '../support/alternate.ts'
import { rounded, type Section } from '../support/report.ts'
import { bareClient, guardedClient } from './prisma-clients.ts'
import { openDataSource } from './typeorm-sources.ts'

const rounds = { rounds: 31, operations: 40, warmUp: 2000 }

/** What a refused write costs the application, at each layer that refuses. */
export async function refusals(url: string, cluster: Cluster): Promise<Section> {
  const prisma = await guardedClient(url, cluster)
  const bare = await bareClient(url)
  const throwing = bare.$extends({ query: { $allOperations: () => Promise.reject(new Error('refused')) } })
  const dataSource = await openDataSource(url, cluster)
  const cards = dataSource.getRepository<{ id: number; view_count: number }>('Card')
  const existing = await cards.findOneByOrFail({ id: 1 })
  const freeze = await cluster.freeze({ reason: 'measuring refusals' })
  const data = { viewCount: 1 }
  const variants: readonly Variant[] = [
    repeat('an error made and thrown', () => refused(() => Promise.reject(new Error('refused')))),
    repeat('Prisma without Quiesce: a query extension that throws at once', () =>
      refused(() => throwing.card.update({ where: { id: 1 }, data })),
    ),
    repeat('Prisma: card.update', () => refused(() => prisma.card.update({ where: { id: 1 }, data }))),
    repeat('Prisma: card.create with a nested write', () =>
      refused(() => prisma.card.create({ data: { name: 'x', tags: { create: { name: 'y' } } } })),
    ),
    repeat('Prisma: $executeRaw', () =>
      refused(() => prisma.$executeRawUnsafe('UPDATE report_card SET view_count = 1')),
    ),
    repeat('TypeORM: repository.update', () => refused(() => cards.update({ id: 1 }, { view_count: 1 }))),
    repeat('TypeORM: repository.insert', () => refused(() => cards.insert({ view_count: 1 }))),
    repeat('TypeORM: query', () => refused(() => dataSource.query('UPDATE report_card SET view_count = 1'))),
    repeat('TypeORM: repository.remove', () => refused(() => cards.remove({ ...existing }))),
  ]
  const costs = await alternate(variants, rounds)
  await freeze.thaw()
  await Promise.all([prisma.$disconnect(), bare.$disconnect(), dataSource.destroy()])
  return {
    title: 'A refused write',
    note: `Processor time from the call to the caught error, median of ${rounds.rounds} alternated rounds of ${rounds.operations} behind ${rounds.warmUp} of each call. Target for the layer that knows models: 20 µs.`,
    columns: ['call', 'µs'],
    rows: costs.map(({ name, cpuUs }) => [name, rounded(cpuUs, 1)]),
  }
}

async function refused(write: () => Promise<unknown>): Promise<void> {
  try {
    await write()
  } catch (error) {
    if (isReadOnlyError(error) || (error instanceof Error && error.message === 'refused')) return
    throw error
  }
  throw new Error('The write was not refused.')
}
