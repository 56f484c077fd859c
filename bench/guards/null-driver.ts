import type { PrismaPg } from '@prisma/adapter-pg'
import type { Cluster } from '@quiesce/core'
import {
  guardAdapter,
  readOnlyMode,
  type SqlDriverAdapterFactoryLike,
  type SqlDriverAdapterLike,
} from '@quiesce/prisma'
import type { QueryRunner } from 'typeorm'
import { PrismaClient } from '../../test/prisma/generated/client.ts'
import { allocatedBytes } from '../support/allocation.ts'
import { alternate, repeat, type Variant } from '../support/alternate.ts'
import { rounded, type Section } from '../support/report.ts'
import { nullAdapterFactory } from './null-adapter.ts'
import { nullPg } from './null-pg.ts'
import { openDataSource, typeormOperations } from './typeorm-sources.ts'

const read = 'SELECT "id", "name" FROM "public"."report_card" WHERE "id" = $1'
const write = 'UPDATE "public"."report_card" SET "view_count" = $1 WHERE "id" = $2'

const rounds = Number(process.env['QUIESCE_BENCH_ROUNDS'] ?? 31)

/** What the guards add to one statement when the driver costs nothing: nanoseconds and bytes. */
export async function nullDriver(cluster: Cluster): Promise<Section> {
  const bare = await nullAdapterFactory.connect()
  const guarded = await guardAdapter(cluster, nullAdapterFactory).connect()
  const bareSource = await openDataSource('postgres://nobody@localhost/null', undefined, nullPg)
  const guardedSource = await openDataSource('postgres://nobody@localhost/null', cluster, nullPg)
  const bareRunner = bareSource.createQueryRunner()
  const guardedRunner = guardedSource.createQueryRunner()
  const rows: string[][] = []
  const compare = async (
    what: string,
    without: () => Variant,
    withGuard: Variant,
    operations = 4000,
  ): Promise<void> => {
    const variants = [without(), { ...without(), name: 'A/A' }, withGuard]
    const costs = await alternate(variants, { rounds, operations, warmUp: 10_000 })
    const [base, again, added] = costs
    const [bytesWithout, bytesWith] = [await allocatedBytes(without()), await allocatedBytes(withGuard)]
    rows.push([
      what,
      rounded((base?.cpuUs ?? Number.NaN) * 1000, 0),
      rounded((again?.addedUs ?? Number.NaN) * 1000, 0),
      rounded((added?.addedUs ?? Number.NaN) * 1000, 0),
      rounded(bytesWithout, 0),
      rounded(bytesWith - bytesWithout, 0),
    ])
  }
  for (const [kind, sql] of [
    ['read', read],
    ['write', write],
  ] as const) {
    await compare(`Prisma, ${kind}`, () => byAdapter(bare, sql), byAdapter(guarded, sql))
    await compare(`Prisma, ${kind} in a transaction`, () => inTransaction(bare, sql), inTransaction(guarded, sql))
    await compare(`TypeORM, ${kind}`, () => byRunner(bareRunner, sql), byRunner(guardedRunner, sql))
  }
  const bareClient = clientOn(nullAdapterFactory)
  const guardedClient = clientOn(guardAdapter(cluster, nullAdapterFactory)).$extends(readOnlyMode(cluster))
  const findBy = (client: Pick<PrismaClient, 'card'>): Variant =>
    repeat('client', () => client.card.findFirst({ where: { id: 1 } }))
  await compare(
    'Prisma, card.findFirst',
    () => findBy(bareClient),
    findBy(guardedClient as unknown as PrismaClient),
    100,
  )
  for (const name of ['findFirst', 'update'] as const) {
    const [without, withGuard] = [bareSource, guardedSource].map((source) => typeormOperations(source)[name])
    if (without === undefined || withGuard === undefined) continue
    await compare(`TypeORM, ${name}`, () => repeat(name, without), repeat(name, withGuard), 100)
  }
  await Promise.all([bareRunner.release(), guardedRunner.release()])
  await Promise.all([bareSource.destroy(), guardedSource.destroy()])
  return {
    title: 'A statement on a driver that answers at once, read-write mode',
    note: `Processor time per statement, median of ${rounds} alternated rounds of 4000 (whole operations of an ORM: 100); the growth of the heap per statement. Target: 1000 ns.`,
    columns: [
      'statement',
      'bare, ns',
      'A/A noise, ns',
      'added by the guard, ns',
      'bare, bytes',
      'added by the guard, bytes',
    ],
    rows,
  }
}

function byAdapter(adapter: SqlDriverAdapterLike, sql: string): Variant {
  const query = { sql, args: [], argTypes: [] }
  return repeat('adapter', () => adapter.queryRaw(query))
}

/** The statements of one transaction share its BEGIN and COMMIT: what is compared is a statement inside. */
function inTransaction(adapter: SqlDriverAdapterLike, sql: string): Variant {
  const query = { sql, args: [], argTypes: [] }
  return {
    name: 'transaction',
    async run(operations) {
      const transaction = await adapter.startTransaction()
      for (let done = 0; done < operations; done++) await transaction.queryRaw(query)
      await transaction.executeRaw({ sql: 'COMMIT' })
      await transaction.commit()
    },
  }
}

function byRunner(runner: QueryRunner, sql: string): Variant {
  return repeat('query runner', () => runner.query(sql))
}

function clientOn(factory: SqlDriverAdapterFactoryLike): PrismaClient {
  // It has what PrismaClient calls of an adapter.
  return new PrismaClient({ adapter: factory as unknown as PrismaPg })
}
