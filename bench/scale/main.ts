// A cluster of 10, 100 and 1,000 nodes on one server: what it costs at rest, and how fast it freezes and thaws.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createCluster } from '@quiesce/core'
import { type SqlServer, startMysql, startPostgres } from '@quiesce/test-servers'
import { connectRaw } from '../../test/support/raw-connection.ts'
import { rounded, type Section, writePicture, writeReport } from '../support/report.ts'
import { quantile } from '../support/statistics.ts'
import { logPlot, type Series } from './plot.ts'
import { processorSeconds, statementCounters } from './server-load.ts'

const sizes = (process.env['QUIESCE_BENCH_NODES'] ?? '10,100,1000').split(',').map(Number)
const freezes = Number(process.env['QUIESCE_BENCH_ROUNDS'] ?? 10)
const REST_MS = 10_000

interface Measured {
  readonly nodes: number
  readonly statements: number
  readonly processor: number
  readonly frozen: readonly number[]
  readonly thawed: readonly number[]
}

async function measure(kind: string, server: SqlServer, nodes: number): Promise<Measured> {
  const url = await server.createDatabase()
  const setup = createCluster({ database: url })
  await setup.migrate()
  await setup.close()
  const others = await startProcess(url, nodes - 1)
  const holder = createCluster({ database: url })
  await holder.start()
  const rest = await atRest(kind, server)
  const frozen: number[] = []
  const thawed: number[] = []
  for (let round = 0; round < freezes; round++) {
    const asked = performance.now()
    const freeze = await holder.freeze({ reason: 'scale', fence: 'off' })
    frozen.push(performance.now() - asked)
    if (freeze.acks.length !== nodes) throw new Error(`Only ${freeze.acks.length} of ${nodes} nodes have acked.`)
    const writable = others.hear('all-writable')
    const thawing = performance.now()
    await freeze.thaw()
    await writable
    thawed.push(performance.now() - thawing)
  }
  await holder.close()
  await others.close()
  return { nodes, ...rest, frozen, thawed }
}

async function atRest(kind: string, { url, pid }: SqlServer): Promise<{ statements: number; processor: number }> {
  const raw = await connectRaw(url)
  const count = async (): Promise<number> => Number((await raw.query(statementCounters[kind] ?? ''))[0]?.['n'])
  // Until the ticks of nodes that were started together have spread.
  await delay(REST_MS / 2)
  const [statements, processor, started] = [await count(), processorSeconds(pid), performance.now()]
  await delay(REST_MS)
  const seconds = (performance.now() - started) / 1000
  const measured = {
    statements: ((await count()) - statements) / seconds,
    processor: (processorSeconds(pid) - processor) / seconds,
  }
  await raw.end()
  return measured
}

/** Starts a process with simulated nodes. */
async function startProcess(url: string, count: number) {
  const child = fork(join(import.meta.dirname, 'node-process.ts'), { execArgv: ['--import', 'tsx'] })
  const hear = (word: string): Promise<void> =>
    new Promise((resolve) => {
      child.on('message', function listen(message) {
        if (message !== word) return
        child.off('message', listen)
        resolve()
      })
    })
  const started = hear('started')
  child.send({ url, count })
  await started
  return {
    hear,
    async close(): Promise<void> {
      const ended = once(child, 'exit')
      child.send('close')
      await ended
    },
  }
}

const servers = {
  postgres: { label: 'PostgreSQL', start: () => startPostgres() },
  mysql: { label: 'MySQL', start: () => startMysql() },
}
const wanted = (process.env['QUIESCE_TEST_DATABASES'] ?? 'postgres,mysql').split(',')
// Nothing of a cluster keeps a process alive.
const keepAlive = setInterval(() => {}, 1000)
const versions: string[] = []
const series: Series[] = []
const rows: string[][] = []
for (const [kind, { label, start }] of Object.entries(servers)) {
  if (!wanted.includes(kind)) continue
  const server = await start()
  versions.push(`${label} ${server.version}`)
  const measured: Measured[] = []
  for (const nodes of sizes) measured.push(await measure(kind, server, nodes))
  await server.stop()
  for (const { nodes, statements, processor, frozen, thawed } of measured) {
    rows.push([
      label,
      String(nodes),
      rounded(statements, 0),
      rounded(processor * 100, 0),
      ...[frozen, thawed].flatMap((times) => [quantile(times, 0.5), quantile(times, 0.99)].map((ms) => rounded(ms, 0))),
    ])
  }
  series.push(
    { name: `${label}, freeze`, points: measured.map(({ nodes, frozen }) => [nodes, quantile(frozen, 0.5)]) },
    { name: `${label}, thaw`, points: measured.map(({ nodes, thawed }) => [nodes, quantile(thawed, 0.5)]) },
  )
}
const section: Section = {
  title: 'Nodes on one server',
  note: `Every node is a real one with a row of its own and pollIntervalMs 2000; all but the one that freezes share one process, its one thread and 16 connections, and the server has the same two processors: that is most of what grows here. At rest: ${REST_MS / 1000} s. Freeze: until all have acked, ${freezes} freezes. Thaw: until the last node admits writes.`,
  columns: [
    'server',
    'nodes',
    'statements/s at rest',
    'processor of the server at rest, %',
    'freeze p50, ms',
    'p99',
    'thaw p50, ms',
    'p99',
  ],
  rows,
}
await writeReport('scale', 'Scale', versions, [section])
await writePicture('scale', logPlot('Freeze and thaw of the whole cluster, p50', 'nodes', 'ms', series))
clearInterval(keepAlive)
