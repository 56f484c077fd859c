import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Cluster } from '@quiesce/core'
import type { SqlServer } from '@quiesce/test-servers'
import { keepToCore } from '../support/cores.ts'
import { rounded, type Section } from '../support/report.ts'
import { median, quartiles } from '../support/statistics.ts'
import type { Measured, Order } from './measured-operations.ts'
import { openers } from './orms.ts'
import type { StatementLog } from './sent-statements.ts'

const processes = Number(process.env['QUIESCE_BENCH_PROCESSES'] ?? 9)
const rounds = {
  rounds: Number(process.env['QUIESCE_BENCH_ROUNDS'] ?? 100),
  operations: 20,
  settle: 20,
  // What is called once an operation is compiled after thousands of them; a service has done those within minutes.
  warmUp: Number(process.env['QUIESCE_BENCH_WARM_UP'] ?? 4000),
}

/**
 * The ratio of each ORM's operations with the guard to those without, on a real server, in many processes.
 *
 * By the server's Unix socket: what TCP does for a connection, e.g. when it acknowledges, differs from one to the other.
 */
export async function ratios(url: string, server: SqlServer): Promise<Section> {
  const local = new URL(url)
  local.searchParams.set('host', server.dataDir)
  const isPinned = keepToCore(server.pid, 1)
  const measured: (readonly Measured[])[] = []
  for (let first = 0; first < processes; first++) {
    measured.push(await inOwnProcess({ url: String(local), rounds, first }))
  }
  const operations = measured[0]?.map(({ operation }) => operation) ?? []
  return {
    title: 'Operations on PostgreSQL, read-write mode',
    note: `Processor time of the application's process per operation, in ${processes} processes one after the other: the median of them, and their quartiles beside each ratio, because where code and data come to lie differs from process to process. By a Unix socket, ${isPinned ? 'the process on one core and the server on another' : 'the process and the server on all cores'}, and a server that does not wait for its disk (fsync off). In each process, the lower quartile of ${rounds.rounds} alternated rounds of ${rounds.operations} behind ${rounds.settle} that are not counted, and behind ${rounds.warmUp} operations of each variant. Bare are two clients without a guard, whose ratio is A/A; they are opened in another order in each process. Target: a ratio of 1.01.`,
    columns: ['operation', 'bare, µs', 'A/A ratio', 'quartiles', 'ratio', 'quartiles', 'added, µs'],
    rows: operations.map((operation) => {
      const found = measured.flatMap((all) => all.filter((one) => one.operation === operation))
      const ratioOf = (values: readonly number[]): readonly string[] => [
        rounded(median(values), 3),
        quartiles(values)
          .map((value) => rounded(value, 3))
          .join(' – '),
      ]
      return [
        operation,
        rounded(median(found.map(({ bareUs }) => bareUs)), 0),
        ...ratioOf(found.map(({ same }) => same)),
        ...ratioOf(found.map(({ ratio }) => ratio)),
        rounded(median(found.map(({ addedUs }) => addedUs)), 1),
      ]
    }),
  }
}

/** @throws Error when the process ends without a result. */
function inOwnProcess(order: Order): Promise<readonly Measured[]> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'measured-operations.ts'), { execArgv: ['--import', 'tsx'] })
    if (child.pid !== undefined) keepToCore(child.pid, 0)
    child.send(order)
    child.once('message', (found) => resolve(found as readonly Measured[]))
    child.once('exit', (code) => reject(new Error(`A process that measured ended with ${code} and no result.`)))
  })
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
