import { setTimeout as delay } from 'node:timers/promises'
import { createCluster, type Freeze, type Lock } from '@quiesce/core'
import type { NodeMethods, NodeSettings } from '../support/protocol.ts'
import type { Application, Transaction } from './application.ts'
import { openAttemptLog } from './attempt-log.ts'
import { driverApplication, flagApplication } from './driver-application.ts'
import { heldRuns } from './held-run.ts'
import { type Load, startLoad } from './load.ts'
import { startLocking } from './locking.ts'
import { shiftingClock } from './shifting-clock.ts'

const settings = JSON.parse(process.env['NODE_SETTINGS'] ?? '{}') as NodeSettings
const clock = shiftingClock(settings.clockOffsetMs ?? 0)
const ownClock = settings.clockOffsetMs === undefined ? {} : { clock }
const cluster = createCluster({ ...settings.cluster, ...ownClock, database: settings.coordinationUrl ?? settings.url })
const runs = heldRuns((namespace) =>
  createCluster({ ...settings.cluster, namespace, database: settings.coordinationUrl ?? settings.url }),
)
let opened: Promise<Application> | undefined
let load: Load | undefined
let transaction: Transaction | undefined
let freeze: Freeze | undefined
let lock: Lock | undefined
let heartbeats = 0
cluster.on('heartbeat', () => {
  heartbeats += 1
})

const driver = {
  url: settings.url,
  poolSize: settings.appPoolSize ?? 10,
  queryTimeoutMs: settings.appQueryTimeoutMs,
  sendDelayMs: settings.sendDelayMs,
}

async function open(): Promise<Application> {
  switch (settings.guard) {
    case 'flag':
      return flagApplication(driver, { namespace: settings.cluster.namespace ?? 'default' })
    case 'driver':
      return driverApplication(cluster, driver)
    case 'sqlite':
      return (await import('./sqlite-application.ts')).sqliteApplication(cluster, driver.url)
    // Loaded on demand: a process of the tests that needs no ORM starts in half the time without.
    case 'prisma':
      return (await import('./prisma-application.ts')).prismaApplication(cluster, driver.url, driver.poolSize)
    case 'typeorm':
      return (await import('./typeorm-application.ts')).typeormApplication(cluster, driver.url, driver.poolSize)
  }
}

const application = (): Promise<Application> => {
  opened ??= open()
  return opened
}

const methods: NodeMethods = {
  migrate: () => cluster.migrate(),
  async start() {
    await cluster.start()
    return cluster.state
  },
  state: async () => cluster.state,
  heartbeats: async () => heartbeats,
  async freeze(options) {
    freeze = await cluster.freeze(options)
    const { id, epoch, acks, lost, guarantee, timings } = freeze
    return { id, epoch, acks: acks.length, lost: lost.length, guarantee, timings }
  },
  thaw: async () => (await freeze?.thaw()) ?? { changed: false },
  freezeSignal: async () => ({ aborted: freeze?.signal.aborted ?? false, state: freeze?.state ?? 'none' }),
  assertHeld: async () => freeze?.assertHeld(),
  write: async (sql) => (await application()).write(sql),
  async openTransaction(sql) {
    transaction = await (await application()).begin('READ COMMITTED')
    await transaction.write(sql)
  },
  async commitTransaction(sql) {
    if (sql !== undefined) await transaction?.write(sql)
    await transaction?.commit()
  },
  async startLoad(workers, pauseMs) {
    load = startLoad(await application(), { workers, pauseMs, log: openAttemptLog(settings.logs?.attempts) })
  },
  async stopLoad() {
    const report = (await load?.stop()) ?? { acknowledged: [], refused: 0, failed: [], rolledBack: 0 }
    return report
  },
  async lock(name) {
    lock = await cluster.lock(name)
    return { token: lock.token }
  },
  startLocking: async (name) => startLocking(cluster, name, settings.logs?.grants ?? '/dev/null'),
  shiftClock: async (ms) => clock.shift(ms),
  async occupyPool(ms) {
    const app = await application()
    const taken = await Promise.all(Array.from({ length: driver.poolSize }, () => app.begin('READ COMMITTED')))
    await delay(ms)
    await Promise.all(taken.map((held) => held.rollback()))
  },
  holdTransactionLock: (name) =>
    new Promise((resolve, reject) => {
      const forever = new Promise<void>(() => {})
      const hold = (): Promise<void> => {
        resolve()
        return forever
      }
      cluster.withTransactionLock(name, hold).catch(reject)
    }),
  startRuns: async (held) => runs.start(held),
  proceed: async (namespace) => runs.proceed(namespace),
  waitingRuns: async () => runs.waiting(),
  runOutcomes: async () => runs.outcomes(),
  async blockEventLoop(ms) {
    const until = performance.now() + ms
    while (performance.now() < until);
  },
  async close() {
    await (await opened)?.close()
    await cluster.close()
  },
}

process.on(
  'message',
  async ({ id, method, parameters }: { id: number; method: keyof NodeMethods; parameters: unknown[] }) => {
    try {
      const call = methods[method] as (...given: unknown[]) => Promise<unknown>
      process.send?.({ id, value: await call(...parameters) })
    } catch (error) {
      const { name, message, kind } = error as Error & { kind?: string }
      process.send?.({ id, failure: { name, message, kind } })
    }
  },
)
process.on('disconnect', () => process.exit(0))
