import type { Cluster } from '@quiesce/core'
import { alternate, repeat } from '../support/alternate.ts'
import { quiet, quietRatio } from '../support/quiet-ratio.ts'
import { rounded, type Section } from '../support/report.ts'
import { bareClient, guardedClient, prismaOperations } from './prisma-clients.ts'
import type { StatementLog } from './sent-statements.ts'
import { openDataSource, typeormOperations } from './typeorm-sources.ts'

type Operations = Readonly<Record<string, () => Promise<unknown>>>

interface Opened {
  readonly operations: Operations
  query(sql: string): Promise<unknown>
  close(): Promise<void>
}

/** How each ORM is opened, bare or guarded. */
const openers: Readonly<Record<string, (url: string, cluster: Cluster | undefined) => Promise<Opened>>> = {
  Prisma: async (url, cluster) => {
    const client = cluster === undefined ? await bareClient(url) : await guardedClient(url, cluster)
    return {
      operations: prismaOperations(client),
      query: (sql) => client.$queryRawUnsafe(sql),
      close: () => client.$disconnect(),
    }
  },
  TypeORM: async (url, cluster) => {
    const dataSource = await openDataSource(url, cluster)
    return {
      operations: typeormOperations(dataSource),
      query: (sql) => dataSource.query(sql),
      close: () => dataSource.destroy(),
    }
  },
}

const rounds = {
  rounds: Number(process.env['QUIESCE_BENCH_ROUNDS'] ?? 600),
  operations: 20,
  // What is called once an operation is compiled after thousands of them; a service has done those within minutes.
  warmUp: Number(process.env['QUIESCE_BENCH_WARM_UP'] ?? 10_000),
}

/** The ratio of each ORM's operations with the guard to those without, on a real server. */
export async function ratios(url: string, cluster: Cluster): Promise<Section> {
  const rows: string[][] = []
  for (const [orm, open] of Object.entries(openers)) {
    const [bare, again, guarded] = [await open(url, undefined), await open(url, undefined), await open(url, cluster)]
    for (const operation of Object.keys(bare.operations)) {
      const costs = await alternate(
        [bare, again, guarded].map(({ operations }) =>
          repeat(operation, operations[operation] as () => Promise<unknown>),
        ),
        rounds,
      )
      const [base = [], same = [], more = []] = costs.map((cost) => cost.rounds)
      const [noise, added] = [quietRatio(base, same), quietRatio(base, more)]
      rows.push([
        `${orm} ${operation}`,
        rounded(quiet(base), 0),
        ...[noise, added].flatMap(({ ratio, interval }) => [
          rounded(ratio, 3),
          interval.map((bound) => rounded(bound, 3)).join(' – '),
        ]),
        rounded(added.added, 1),
      ])
    }
    await Promise.all([bare, again, guarded].map(({ close }) => close()))
  }
  return {
    title: 'Operations on PostgreSQL, read-write mode',
    note: `Processor time of the application's process per operation: the lower quartile of ${rounds.rounds} alternated rounds of ${rounds.operations} behind ${rounds.warmUp} of each variant, because all else that a machine does only adds; beside each ratio where 95 % of resampled ratios lie. A/A is a second client without a guard. Target: a ratio of 1.01.`,
    columns: ['operation', 'bare, µs', 'A/A ratio', 'A/A 95 %', 'ratio', '95 %', 'added, µs'],
    rows,
  }
}

/** What the server was sent, bare and guarded. */
export async function sentStatements(url: string, cluster: Cluster, log: StatementLog): Promise<Section> {
  const rows: string[][] = []
  for (const [orm, open] of Object.entries(openers)) {
    const sent: (readonly string[])[] = []
    for (const guard of [undefined, cluster]) {
      const name = `${orm.toLowerCase()}-${guard === undefined ? 'bare' : 'guarded'}`
      const opened = await open(log.loggedUrl(url, name), guard)
      for (const operation of Object.values(opened.operations)) for (let n = 0; n < 5; n++) await operation()
      await opened.query("SELECT 'all sent'")
      sent.push(await log.sentBy(name, 'all sent'))
      await opened.close()
    }
    const [bare = [], guarded = []] = sent
    const same = bare.length === guarded.length && bare.every((statement, index) => statement === guarded[index])
    rows.push([
      orm,
      String(bare.length),
      String(guarded.length),
      same ? 'the same texts in the same order' : 'different',
    ])
  }
  return {
    title: 'Statements that the server was sent',
    note: "Five times each operation above, from the first connection on, counted in the server's own log.",
    columns: ['ORM', 'bare', 'guarded', 'texts'],
    rows,
  }
}
