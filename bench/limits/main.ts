// What grows with what: exemptions, the length of a statement, freezes at once, locks, and notifications.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { type Cluster, createCluster } from '@quiesce/core'
import { gateOf } from '@quiesce/core/adapter'
import { startPostgres } from '@quiesce/test-servers'
import pg from 'pg'
import { createAnalyzer } from '../../packages/core/src/sql/analyzer.ts'
import { alternate, repeat, type Variant } from '../support/alternate.ts'
import { rounded, type Section, writeReport } from '../support/report.ts'
import { quantile } from '../support/statistics.ts'

await using server = await startPostgres()

/** Decisions of a node that is read-only, by policies of another size. */
async function exemptions(): Promise<Section> {
  const rows: string[][] = []
  for (const count of [10, 100, 1000, 10_000]) {
    const url = await server.createDatabase()
    const exempt = Object.fromEntries(Array.from({ length: count }, (_, n) => [`t${n}`, ['seen', 'updated_at']]))
    await using cluster = createCluster({ database: url, exempt })
    await cluster.migrate()
    await cluster.start()
    await cluster.freeze({ reason: 'bench', fence: 'off' })
    const gate = gateOf(cluster)
    const passes = `UPDATE t${count - 1} SET seen = 1 WHERE id = 7`
    const refused = `UPDATE t${count - 1} SET name = 'x' WHERE id = 7`
    const decide = (sql: string) => async (): Promise<void> => {
      try {
        gate.admit(sql).end('answered')
      } catch {}
    }
    const [exemptWrite, refusal] = await alternate([many('passes', decide(passes)), many('refused', decide(refused))], {
      rounds: 31,
      operations: 20,
    })
    rows.push([
      String(count),
      rounded((exemptWrite?.cpuUs ?? Number.NaN) * 10, 0),
      rounded((refusal?.cpuUs ?? Number.NaN) / 100, 1),
    ])
  }
  return {
    title: 'Exemptions',
    note: 'A decision on a text that was seen before, while the node is read-only; each exemption names two columns.',
    columns: ['tables with exemptions', 'an exempt UPDATE passes, ns', 'a protected one is refused, µs'],
    rows,
  }
}

/** A hundred decisions are one operation, so that the loop's own awaiting doesn't count. */
function many(name: string, decide: () => Promise<void>): Variant {
  return repeat(name, async () => {
    for (let n = 0; n < 100; n++) void decide()
  })
}

/** Statements up to a megabyte, each text seen for the first time. */
async function lengths(): Promise<Section> {
  const analyze = createAnalyzer('postgres')
  const rows: string[][] = []
  let serial = 0
  for (const kib of [1, 10, 100, 1024]) {
    const values = Array.from({ length: (kib * 1024) / 32 }, (_, n) => `(${n}, 'a value of some length')`).join(', ')
    const sql = `INSERT INTO entry (id, name) VALUES ${values}`
    const [first] = await alternate([repeat('first', async () => void analyze(`${sql} -- ${serial++}`))], {
      rounds: 21,
      operations: 3,
    })
    rows.push([String(kib), rounded((first?.cpuUs ?? Number.NaN) / 1000, 2)])
  }
  return {
    title: 'Length of a statement',
    note: 'An INSERT of many rows, analysed for the first time. While the cluster is read-write nothing is analysed.',
    columns: ['KiB', 'ms'],
    rows,
  }
}

/** Freezes that are active at once, and the time of the next one. */
async function freezes(): Promise<Section> {
  const url = await server.createDatabase()
  await using cluster = createCluster({ database: url })
  await cluster.migrate()
  await cluster.start()
  const rows: string[][] = []
  const active: { thaw(): Promise<unknown> }[] = []
  for (const count of [1, 10, 100]) {
    const times: number[] = []
    while (active.length < count) {
      const asked = performance.now()
      active.push(await cluster.freeze({ reason: `freeze ${active.length}`, fence: 'off' }))
      times.push(performance.now() - asked)
    }
    const asked = performance.now()
    await cluster.status()
    rows.push([String(count), rounded(quantile(times, 0.5), 0), rounded(performance.now() - asked, 0)])
  }
  const thawing = performance.now()
  for (const freeze of active) await freeze.thaw()
  rows.push(['all of them thawed, one after the other', rounded((performance.now() - thawing) / 100, 0), ''])
  return {
    title: 'Freezes at once',
    note: 'One node; `freeze()` until it resolves (p50), without a fence.',
    columns: ['active freezes', 'ms each', 'status(), ms'],
    rows,
  }
}

/** Named locks that are held at once. */
async function locks(): Promise<Section> {
  const url = await server.createDatabase()
  await using cluster = createCluster({ database: url, poolSize: 8 })
  await cluster.migrate()
  await cluster.start()
  const rows: string[][] = []
  const held: { release(): Promise<unknown> }[] = []
  for (const count of [10, 1000, 10_000]) {
    const times: number[] = []
    while (held.length < count) {
      const taken = await Promise.all(
        Array.from({ length: Math.min(8, count - held.length) }, async (_, n) => {
          const asked = performance.now()
          const lock = await cluster.lock(`lock ${held.length + n}`, { leaseMs: 600_000 })
          times.push(performance.now() - asked)
          return lock
        }),
      )
      held.push(...taken)
    }
    const asked = performance.now()
    const { length } = await cluster.locks()
    rows.push([String(length), rounded(quantile(times, 0.5), 1), rounded(performance.now() - asked, 0)])
  }
  for (let n = 0; n < held.length; n += 8) await Promise.all(held.slice(n, n + 8).map((lock) => lock.release()))
  return {
    title: 'Locks at once',
    note: 'Taken by eight at a time under names of their own, with leases of ten minutes.',
    columns: ['held locks', 'lock() p50, ms', 'locks() lists them, ms'],
    rows,
  }
}

/** What the cluster tells its nodes at a change, as one of them hears it. */
async function hintOf(cluster: Cluster, client: pg.Client): Promise<{ channel: string; payload: string }> {
  const { rows } = await client.query(
    `SELECT substring(query FROM 'LISTEN "?([^"]+)') AS channel FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`,
  )
  const channel = String(rows[0]?.channel)
  const heard = once(client, 'notification')
  await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
  await (await cluster.freeze({ reason: 'bench', fence: 'off' })).thaw()
  const [{ payload }] = await heard
  await client.query('UNLISTEN *')
  return { channel, payload: String(payload) }
}

/** Notifications that nobody needed: each may make a node look, but never more than once at a time. */
async function storms(): Promise<Section> {
  const url = await server.createDatabase()
  await using cluster = createCluster({ database: url })
  await cluster.migrate()
  await cluster.start()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { channel, payload } = await hintOf(cluster, client)
  let beats = 0
  cluster.on('heartbeat', () => beats++)
  const rows: string[][] = []
  for (const perSecond of [0, 100, 1000, 10_000]) {
    const [cpu, started, before] = [process.cpuUsage(), performance.now(), beats]
    while (performance.now() - started < 5000) {
      // One transaction each: within one, the server folds those that are equal.
      const sent = Array.from({ length: perSecond / 10 }, () =>
        client.query('SELECT pg_notify($1, $2)', [channel, payload]),
      )
      await Promise.all(sent)
      await delay(100)
    }
    const seconds = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(cpu)
    rows.push([
      String(perSecond),
      rounded((beats - before) / seconds, 1),
      rounded((user + system) / 10_000 / seconds, 1),
    ])
  }
  await client.end()
  return {
    title: 'A storm of notifications',
    note: 'One node of the default settings; the hint that a freeze sends, in bursts of a tenth of a second, 5 s each.',
    columns: ['notifications/s', 'heartbeats/s that they cause', 'processor of the process, %'],
    rows,
  }
}

const sections = [await exemptions(), await lengths(), await freezes(), await locks(), await storms()]
await writeReport('limits', 'What grows with what', [`PostgreSQL ${server.version}`], sections)
