// The main job, end to end, on a real PostgreSQL with three real processes. Exits with 1 when an invariant does not hold.
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { AppMessage } from './app/messages.ts'
import { type Application, forkDemo, startApplication } from './application.ts'
import { type Content, copyTables, countDifferences, countLost, readContent } from './content.ts'
import { type Product, products, type Server } from './databases/database.ts'
import { demoCluster } from './quiesce.ts'
import { invariant, ms, refusedByTable, say } from './report.ts'

const LOAD_MS = 3000
const startedAt = performance.now()
const server = await startServer(wantedProduct())
const { app, copy } = server
say('database', `${server.label} ready in ${ms(performance.now() - startedAt)}`)

await Promise.all([app.seed(), copy.seed()])
const cluster = demoCluster(app.url, 'demo')
await cluster.migrate()
await cluster.start()

const applications = [
  startApplication('prisma-a', 'prisma', app.url),
  startApplication('prisma-b', 'prisma', app.url),
  startApplication('typeorm-c', 'typeorm', app.url),
]
const [, victim] = applications
try {
  await Promise.all(applications.map(({ ready }) => ready))
  say('nodes', applications.map(({ name, pid }) => `${name} (pid ${pid})`).join(', '))
  await load('before')
  const first = await maintenance()
  await load(
    'after',
    applications.filter((application) => application !== victim),
  )
  // From here on the applications are alone: they have to notice a dead holder by themselves.
  await cluster.close()
  const second = await abandonedFreeze(applications.filter((application) => application !== victim))
  await load('after')
  process.exitCode = (await conclude(first, second)) ? 0 : 1
} finally {
  for (const application of applications) application.kill()
  await cluster.close()
  await Promise.all([app.end(), copy.end()])
  await server.stop()
}

function wantedProduct(): Product {
  const { values } = parseArgs({ options: { db: { type: 'string', default: 'postgres' } } })
  const product = products.find((known) => known === values.db)
  if (product === undefined) throw new Error(`--db ${values.db}: the demo runs on ${products.join(', ')}`)
  return product
}

async function startServer(product: Product): Promise<Server> {
  if (product === 'postgres') return (await import('./databases/postgres.ts')).startOnPostgres()
  return (await import('./databases/mysql.ts')).startOnMysql(product)
}

/** Lets the applications write for a while, and says how fast. */
async function load(when: string, writing: readonly Application[] = applications): Promise<void> {
  const count = (): number =>
    writing.reduce((sum, { protectedWrites, exemptWrites }) => sum + protectedWrites + exemptWrites, 0)
  const before = count()
  await delay(LOAD_MS)
  say('load', `${Math.round(((count() - before) * 1000) / LOAD_MS)} writes/s ${when} the freeze`)
}

/** Freezes, copies the frozen tables, compares, loses a node on the way, thaws. */
async function maintenance(): Promise<{ changed: number; differing: number }> {
  const exemptBefore = exemptWrites()
  const freeze = await cluster.freeze({ reason: 'copy to another database', owner: 'demo' })
  const { seenMs, ackedMs, drainedMs, totalMs } = freeze.timings
  say(
    'frozen',
    `epoch ${freeze.epoch}, ${freeze.acks.length} nodes: no new writes after ${ms(seenMs)}, acked after ${ms(ackedMs)}, drained after ${ms(drainedMs)}, in all ${ms(totalMs)} (guarantee: ${freeze.guarantee})`,
    'yellow',
  )
  const before = await readContent(app)
  const rows = await copyTables(app, copy)
  say('job', `copied ${rows} rows while the applications kept trying to write`)
  victim?.kill()
  say('kill -9', `${victim?.name} (pid ${victim?.pid}), in the middle of the freeze`, 'red')
  await delay(1500)
  await freeze.assertHeld()
  const after = await readContent(app)
  const differing = countDifferences(after, await readContent(copy))
  say('refused', `writes by table: ${refusedByTable(applications)}`)
  say('exempt', `${exemptWrites() - exemptBefore} writes passed: sessions, audit log, report_card.last_used_at`)
  await freeze.thaw()
  say('thawed', 'by the holder', 'green')
  return { changed: countDifferences(before, after), differing }
}

/** A second freeze, whose holder is killed: the nodes take over by themselves. */
async function abandonedFreeze(survivors: readonly Application[]): Promise<{ changed: number; takenOver: number }> {
  const holder = forkDemo('./app/holder.ts', app.url)
  const told = await new Promise<AppMessage>((resolve) => holder.once('message', resolve))
  if (told.type !== 'frozen') throw new Error(`the second freeze failed: ${JSON.stringify(told)}`)
  say('frozen', `a second time, by job-2 (pid ${holder.pid})`, 'yellow')
  const before: Content = await readContent(app)
  holder.kill('SIGKILL')
  const killedAt = Date.now()
  say('kill -9', 'job-2, the holder of the freeze', 'red')
  const after = await lastFrozenContent()
  while (survivors.some(({ mode }) => mode !== 'read-write')) await delay(10)
  const resumedMs = Date.now() - killedAt
  const rows = await app.query(`SELECT node FROM ${app.coordinationTable('event')} WHERE type = 'takeover'`)
  const name = applications.find(({ nodeId }) => nodeId === String(rows[0]?.['node']))?.name
  say('takeover', `by ${name}: every node writes again ${ms(resumedMs)} after the kill (lease 4000 ms)`, 'green')
  return { changed: countDifferences(before, after), takenOver: rows.length }
}

/** The protected content as it was read last while the freeze was still active. */
async function lastFrozenContent(): Promise<Content> {
  let last = await readContent(app)
  for (;;) {
    const content = await readContent(app)
    const rows = await app.query(`SELECT id FROM ${app.coordinationTable('freeze')} WHERE ended_at IS NULL`)
    if (rows.length === 0) return last
    last = content
    await delay(100)
  }
}

/** Stops everything, and computes from the databases whether the promise was kept. */
async function conclude(
  first: { changed: number; differing: number },
  second: { changed: number; takenOver: number },
): Promise<boolean> {
  await Promise.all(applications.map((application) => application.stop()))
  const acknowledged = applications.flatMap(({ acknowledgedCards }) => acknowledgedCards)
  const errors = applications.flatMap((application) => application.errors)
  if (errors.length > 0) say('errors', errors.slice(0, 3).join('; '), 'red')
  const results = [
    invariant('protected rows changed during the first freeze', first.changed, 0),
    invariant('protected rows changed during the second freeze', second.changed, 0),
    invariant(`acknowledged writes lost, of ${acknowledged.length}`, await countLost(app, acknowledged), 0),
    invariant('rows in which the copy differs from its source', first.differing, 0),
    invariant('takeovers recorded', second.takenOver, 1),
    invariant('errors other than refusals', errors.length, 0),
  ]
  return results.every(Boolean)
}

function exemptWrites(): number {
  return applications.reduce((sum, application) => sum + application.exemptWrites, 0)
}
