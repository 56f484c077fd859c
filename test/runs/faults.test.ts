import type { Cluster, RunInfo } from '@quiesce/core'
import { gateOf, type Ticket } from '@quiesce/core/adapter'
import { type DatabaseName, startFaultProxy, startMariadb, startMysql, startPostgres } from '@quiesce/test-servers'
import { describe, expect, test } from 'vitest'
import { type HeldRun, heldRun } from '../apps/held-run.ts'
import { databases, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { flavourOf } from '../support/flavour.ts'
import { isLong } from '../support/long.ts'
import { type NodeProcess, nodeProcesses } from '../support/node-process.ts'
import type { RawConnection } from '../support/raw-connection.ts'

/** Leases that a loaded machine keeps, with all of the library's rules between them. */
const options = {
  pollIntervalMs: 400,
  fastPollIntervalMs: 150,
  nodeLeaseMs: 2200,
  writeBoundMs: 300,
  freezeLeaseMs: 3000,
  lockDelayMs: 100,
  statementTimeoutMs: 2000,
  closeTimeoutMs: 500,
  lock: { retryIntervalMs: 100, maxRetryIntervalMs: 100 },
} as const
/** MySQL and MariaDB take longer for twenty nodes at once. */
const optionsOn = (kind: DatabaseName) =>
  kind === 'postgres'
    ? options
    : { ...options, nodeLeaseMs: 4000, freezeLeaseMs: 5000, statementTimeoutMs: 3500, pollIntervalMs: 800 }

const SETUP_MS = 30_000

const held = (onHolderLost: HeldRun['onHolderLost'], holdAt: HeldRun['holdAt']): HeldRun => ({
  namespace: `${onHolderLost}-${holdAt}`,
  holdAt,
  onHolderLost,
})
const phases = ['preflight', 'lock', 'freeze', 'steps', 'verify', 'rollback', 'thaw', 'after'] as const
const matrix: readonly HeldRun[] = [
  ...phases.map((at) => held('thaw', at)),
  ...(['steps', 'verify', 'thaw', 'after'] as const).map((at) => held('resume', at)),
  ...(['steps', 'verify', 'rollback'] as const).map((at) => held('rollback', at)),
]
const SHARES = 4
const servers = { postgres: () => startPostgres(), mysql: () => startMysql(), mariadb: () => startMariadb() }
const faults = ['killed', 'paused', 'cut off', 'restarted'] as const

/**
 * Which shares of the matrix a fault meets: all of them in a long run. Otherwise one, another for each fault and server:
 * so every server has every phase under some fault, and every fault on every server in some phases.
 */
function sharesOf(fault: (typeof faults)[number], kind: DatabaseName): readonly number[] {
  if (isLong) return Array.from({ length: SHARES }, (_, share) => share)
  return [(faults.indexOf(fault) + Object.keys(servers).indexOf(kind)) % SHARES]
}

type Cleanups = (cleanup: () => unknown) => void

/** A holder process with a run in each phase of its share, and for each a node in this process that survives. */
interface Scene {
  readonly all: readonly HeldRun[]
  /** Those that are not taken over. */
  readonly thawing: readonly HeldRun[]
  /** Those that are. */
  readonly taken: readonly HeldRun[]
  readonly db: TestDatabase
  readonly holder: NodeProcess
  readonly survivors: ReadonlyMap<string, Cluster>
  /** Ends what the test itself held up. */
  release(): Promise<void>
}

interface Stage {
  readonly kind: DatabaseName
  readonly share: number
  readonly later: Cleanups
  readonly coordinate?: (url: string) => Promise<string>
  readonly serverUrl?: string
}

async function scene({ kind, share, later, coordinate = async (url) => url, serverUrl }: Stage): Promise<Scene> {
  const all = matrix.filter((_, index) => index % SHARES === share)
  const includes = (name: string): boolean => all.some(({ namespace }) => namespace === name)
  const db = await testDatabase('faults', kind, serverUrl)
  later(() => db.drop())
  const { table, begin } = flavourOf(kind)
  await db.query('CREATE TABLE run_log (namespace varchar(40), what varchar(40), who varchar(40))')
  const survivors = new Map(all.map(({ namespace }) => [namespace, db.cluster({ ...optionsOn(kind), namespace })]))
  await Promise.all([...survivors.values()].map((survivor) => survivor.start()))
  const survivor = (name: string): Cluster => survivors.get(name) ?? db.cluster()
  const lock = includes('thaw-lock') ? await survivor('thaw-lock').lock('run held') : undefined
  // A write of the survivor's that is in flight keeps its freeze draining.
  const admit = (): Ticket | undefined => {
    try {
      return gateOf(survivor('thaw-freeze')).admit(insertEntry())
    } catch {
      return undefined
    }
  }
  const inFlight = includes('thaw-freeze') ? (await eventually('its node admits a write', admit)).value : undefined
  const processes = nodeProcesses()
  later(() => processes.endAll())
  const holder = processes.spawn({
    url: db.url,
    coordinationUrl: await coordinate(db.url),
    guard: 'driver',
    cluster: optionsOn(kind),
  })
  await holder.call('startRuns', all)
  const own = all.filter(({ holdAt }) => holdAt !== 'lock' && holdAt !== 'freeze')
  await eventually(
    'every run waits in its phase',
    async () => {
      const waiting = await holder.call('waitingRuns')
      // A run that has ended before its fault would be waited for in vain.
      expect(await holder.call('runOutcomes')).toEqual({})
      const blocked = await Promise.all(
        ['thaw-lock', 'thaw-freeze']
          .filter(includes)
          .map(async (name) => (await survivor(name).runs())[0]?.phase === name.slice(5)),
      )
      return own.every(({ namespace }) => waiting.includes(namespace)) && blocked.every(Boolean)
    },
    SETUP_MS,
  )
  // The thaws are held up by the row that they have to change.
  const blocker: RawConnection = await db.connect()
  later(() => blocker.end().catch(() => {}))
  for (const statement of begin('READ COMMITTED')) await blocker.query(statement)
  const atThaw = all.filter(({ holdAt }) => holdAt === 'thaw')
  for (const { namespace } of atThaw) {
    await blocker.query(`SELECT 1 FROM ${table('cluster')} WHERE namespace = '${namespace}' FOR UPDATE`)
    await holder.call('proceed', namespace)
    await eventually('it thaws', async () => (await survivor(namespace).runs())[0]?.phase === 'thaw')
  }
  return {
    all,
    thawing: all.filter(({ onHolderLost }) => onHolderLost === 'thaw'),
    taken: all.filter(({ onHolderLost }) => onHolderLost !== 'thaw'),
    db,
    holder,
    survivors,
    async release() {
      inFlight?.end('answered')
      await blocker.query('ROLLBACK').catch(() => {})
      await lock?.release().catch(() => {})
    },
  }
}

const log = async ({ db }: Scene, namespace: string, who?: string): Promise<readonly string[]> =>
  (await db.query(`SELECT what, who FROM run_log WHERE namespace = ?`, [namespace]))
    .filter((row) => who === undefined || row['who'] === who)
    .map((row) => row['what'])

/** Everything that `thaw` declares: the writes are back, the lock can be had, the record and the trail say what happened. */
async function expectThawed({ survivors }: Scene, { namespace }: HeldRun, withinMs: number): Promise<void> {
  const survivor = survivors.get(namespace)
  if (survivor === undefined) throw new Error(namespace)
  let run: RunInfo | undefined
  await eventually(
    `${namespace} is over`,
    async () => {
      run = (await survivor.runs())[0]
      return run?.phase === 'ended' && survivor.state.mode === 'read-write'
    },
    withinMs,
  )
  expect(run, namespace).toMatchObject({ outcome: 'lost' })
  const lock = await survivor.lock('run held', { retries: 50 })
  await lock.release()
  const events = await survivor.history(200)
  expect(events.filter(({ type, detail }) => type === 'run-ended' && detail['run'] === run?.id)).toMatchObject([
    { detail: { outcome: 'lost' } },
  ])
}

/** Goes on with a lost run in this process; the cluster may not have been writable before the run itself thawed. */
async function expectTakenOver(scene: Scene, run: HeldRun): Promise<void> {
  const { namespace, onHolderLost, holdAt } = run
  const survivor = scene.survivors.get(namespace)
  if (survivor === undefined) throw new Error(namespace)
  const modes: string[] = []
  survivor.on('mode', ({ mode }) => modes.push(mode))
  const before = (await survivor.runs())[0]
  const result = await survivor.run(heldRun(run, 'taker', async () => {}))
  const runs = await survivor.runs()
  const lost = runs.find(({ id }) => id === before?.id)
  const what = await log(scene, namespace, 'taker')
  if (onHolderLost === 'resume') {
    expect(result, namespace).toMatchObject({ id: before?.id, takenOver: true })
    expect(lost, namespace).toMatchObject({ outcome: 'done', progress: 100, takeovers: 1 })
    const left = { steps: ['second', 'behind', 'third'], verify: ['third'], thaw: ['third'], after: ['third'] }
    expect(what, namespace).toEqual(left[holdAt as keyof typeof left])
  } else {
    expect(lost, namespace).toMatchObject({ outcome: 'failed', takeovers: 1 })
    const undone = holdAt === 'rollback' ? ['undo first'] : ['undo second', 'undo first']
    expect(what, namespace).toEqual([...undone, 'first', 'second', 'behind', 'third'])
  }
  // The writes came back when the run thawed, and no sooner; an undone run thaws before the next one freezes.
  const thaws = onHolderLost === 'rollback' ? 2 : 1
  const seenThaws = (): number => modes.filter((mode) => mode === 'read-write').length
  // A holder that was at its thaw may have got it done before anybody looked.
  if (holdAt !== 'after' && holdAt !== 'thaw') await eventually(`${namespace} thaws`, () => seenThaws() >= thaws)
  if (holdAt !== 'after') expect(seenThaws(), namespace).toBeLessThanOrEqual(thaws)
  const types = (await survivor.history(300)).map(({ type }) => type)
  expect(types, namespace).toContain('run-taken-over')
  await eventually(`${namespace} writes`, async () => survivor.state.mode === 'read-write')
}

const takenOver = (scene: Scene): readonly Promise<void>[] => scene.taken.map((run) => expectTakenOver(scene, run))

async function expectDeclaredStates(scene: Scene): Promise<void> {
  // A lease, its delay, polls, the time until the record is tidied where there was no freeze, and a loaded machine.
  const withinMs = 3 * optionsOn(scene.db.flavour.kind).freezeLeaseMs
  await Promise.all(scene.thawing.map((run) => expectThawed(scene, run, withinMs)))
}

/** The holder is there again, and whatever it does now is refused and changes nothing. */
async function expectFencedOff(scene: Scene): Promise<void> {
  const { holder, all, taken } = scene
  for (const { namespace } of all) await holder.call('proceed', namespace)
  const names = all.map(({ namespace }) => namespace)
  const outcomes = await eventually('the old holder knows', async () => {
    const ended = await holder.call('runOutcomes')
    return names.every((name) => name in ended) ? ended : undefined
  })
  expect(new Set(Object.values(outcomes.value ?? {}))).toEqual(new Set(['QUIESCE_LEASE_LOST']))
  expect(await log(scene, 'resume-steps', 'holder')).not.toContain('behind')
  expect(await log(scene, 'resume-after', 'holder')).not.toContain('third')
  for (const { namespace } of taken) {
    expect(scene.survivors.get(namespace)?.state.mode).toBe('read-write')
  }
}

/** One scene after the other, each with what it needs taken away behind it. */
async function inShares(
  fault: (typeof faults)[number],
  kind: DatabaseName,
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  for (const share of sharesOf(fault, kind)) {
    const cleanups: Array<() => unknown> = []
    try {
      await play({ kind, share, later: (cleanup) => void cleanups.push(cleanup) })
    } finally {
      for (const cleanup of cleanups.reverse()) await cleanup()
    }
  }
}

// A scene is a few runs that wait for leases; the whole matrix is enough work one after the other.
describe.each(databases)(
  'the holder of a run in its phases on %s',
  { concurrent: !isLong, timeout: 300_000 },
  (kind) => {
    test('is killed: each run ends as it declares, within a lease (catches a takeover with a gap)', () =>
      inShares('killed', kind, async (stage) => {
        const one = await scene(stage)
        await one.holder.kill()
        await one.release()
        await Promise.all([expectDeclaredStates(one), ...takenOver(one)])
      }))

    test('is paused for longer than two leases: it wakes up fenced off (catches a holder that is believed by its word)', () =>
      inShares('paused', kind, async (stage) => {
        const one = await scene(stage)
        one.holder.signal('SIGSTOP')
        await one.release()
        const stoppedAt = performance.now()
        await Promise.all([expectDeclaredStates(one), ...takenOver(one)])
        await eventually('two leases', async () => performance.now() - stoppedAt > 2 * optionsOn(kind).freezeLeaseMs)
        one.holder.signal('SIGCONT')
        await expectFencedOff(one)
      }))

    test('is cut off from the database, and comes back', () =>
      inShares('cut off', kind, async (stage) => {
        const proxies: Array<{ pause(): void; resume(): void }> = []
        const coordinate = async (url: string): Promise<string> => {
          const { hostname, port } = new URL(url)
          const proxy = await startFaultProxy({ host: hostname, port: Number(port) })
          stage.later(() => proxy.close())
          proxies.push(proxy)
          return proxy.url(url)
        }
        const one = await scene({ ...stage, coordinate })
        for (const proxy of proxies) proxy.pause()
        await one.release()
        await Promise.all([expectDeclaredStates(one), ...takenOver(one)])
        for (const proxy of proxies) proxy.resume()
        await expectFencedOff(one)
      }))

    test('sees the database restart: it reconnects and goes on, or is lost and taken over', () =>
      inShares('restarted', kind, async (stage) => {
        const server = await servers[kind]()
        stage.later(() => server.stop('immediate'))
        const one = await scene({ ...stage, serverUrl: server.url })
        await server.restart()
        await one.release()
        await expectOverAfterRestart(one)
      }))
  },
)

async function expectOverAfterRestart({ all, holder, survivors }: Scene): Promise<void> {
  for (const { namespace } of all) await holder.call('proceed', namespace)
  const { value: outcomes = {} } = await eventually('the holder has ended every run', async () => {
    const ended = await holder.call('runOutcomes')
    return all.every(({ namespace }) => namespace in ended) ? ended : undefined
  })
  // A freeze that was being made when the server went away is undone like any other that fails.
  const declared = ['done', 'QUIESCE_RUN_FAILED', 'QUIESCE_LEASE_LOST', 'QUIESCE_DATABASE']
  expect(Object.values(outcomes).filter((outcome) => !declared.includes(outcome))).toEqual([])
  await Promise.all(
    all.map(async (run) => {
      const survivor = survivors.get(run.namespace)
      if (outcomes[run.namespace] === 'QUIESCE_LEASE_LOST' && run.onHolderLost !== 'thaw')
        await survivor?.run(heldRun(run, 'taker', async () => {}))
      await eventually(`${run.namespace} is over`, async () => {
        const last = (await survivor?.runs())?.[0]
        return last?.phase === 'ended' && survivor?.state.mode === 'read-write'
      })
    }),
  )
}
