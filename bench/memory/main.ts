// Writes that are refused for a long time must leave the memory as it was.
import { setTimeout as delay } from 'node:timers/promises'
import { createCluster, isReadOnlyError } from '@quiesce/core'
import { startPostgres } from '@quiesce/test-servers'
import { createTables } from '../../test/prisma/support/tables.ts'
import { guardedClient } from '../guards/prisma-clients.ts'
import { openDataSource } from '../guards/typeorm-sources.ts'
import { retainedBytes } from '../support/allocation.ts'
import { rounded, writeReport } from '../support/report.ts'

const seconds = Number(process.env['QUIESCE_BENCH_SECONDS'] ?? 60)
const PER_SECOND = 1000

await using server = await startPostgres()
const url = await server.createDatabase()
const tables = await createTables(url)
await tables.reset()
const cluster = createCluster({ database: url })
await cluster.migrate()
await cluster.start()
const prisma = await guardedClient(url, cluster)
const dataSource = await openDataSource(url, cluster)
const cards = dataSource.getRepository<{ id: number; view_count: number }>('Card')
const freeze = await cluster.freeze({ reason: 'measuring memory' })

let refused = 0
/** A different text each time for the raw statement, so that caches that grow with texts show. */
const writes: readonly ((serial: number) => Promise<unknown>)[] = [
  () => prisma.card.update({ where: { id: 1 }, data: { viewCount: 1 } }),
  (serial) => prisma.$executeRawUnsafe(`UPDATE report_card SET view_count = ${serial}`),
  () => cards.update({ id: 1 }, { view_count: 1 }),
  (serial) => dataSource.query(`UPDATE report_card SET view_count = ${serial}`),
]

async function refuse(serial: number): Promise<void> {
  try {
    await writes[serial % writes.length]?.(serial)
  } catch (error) {
    if (!isReadOnlyError(error)) throw error
    refused++
  }
}

const rows: string[][] = []
const started = performance.now()
for (let second = 0; second <= seconds; second++) {
  if (second % Math.max(1, Math.round(seconds / 6)) === 0) {
    rows.push([
      String(second),
      String(refused),
      rounded(retainedBytes() / 2 ** 20, 1),
      rounded(process.memoryUsage().rss / 2 ** 20, 0),
    ])
  }
  if (second === seconds) break
  for (let batch = 0; batch < 10; batch++) {
    await Promise.all(Array.from({ length: PER_SECOND / 10 }, (_, index) => refuse(refused + index)))
    await delay(Math.max(0, started + second * 1000 + (batch + 1) * 100 - performance.now()))
  }
}
await freeze.thaw()
await Promise.all([prisma.$disconnect(), dataSource.destroy()])
await cluster.close()
await tables.close()
await writeReport(
  'memory',
  'Memory under refused writes',
  [`PostgreSQL ${server.version}`],
  [
    {
      title: `${PER_SECOND} refused writes a second`,
      note: 'Half by Prisma and half by TypeORM; half of them raw statements with a text that was never seen before, so that the cache of verdicts fills up once (2,000 texts, up to twice as many for a moment). The heap after a full collection. QUIESCE_BENCH_SECONDS makes it longer.',
      columns: ['second', 'refused', 'heap in use, MB', 'resident, MB'],
      rows,
    },
  ],
)
