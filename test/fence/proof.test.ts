import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster, Freeze, FreezeOptions } from '@quiesce/core'
import type { DatabaseName } from '@quiesce/test-servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, fastOptions, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { isLong } from '../support/long.ts'
import { type NodeProcess, nodeProcesses } from '../support/node-process.ts'
import type { NodeSettings } from '../support/protocol.ts'
import { type ProofTables, proofTables } from './support/proof-tables.ts'

/** `pnpm proof` asks for many more. */
const ROUNDS = Number(process.env['QUIESCE_PROOF_ROUNDS'] ?? (isLong ? 50 : 4))
const NAMESPACE = 'proof'

const processes = nodeProcesses()
let db: TestDatabase
let tables: ProofTables

/** Databases that can refuse by themselves. */
const fencing = databases.filter((kind): kind is DatabaseName => proofTables[kind] !== undefined)

/** How they can. */
const backendsOf = (_: DatabaseName): readonly string[] => ['on-freeze', 'standing']

describe.each(fencing)('on %s', (kind) => {
  beforeEach(async () => {
    db = await testDatabase('proof', kind)
    tables = proofTables[kind] as ProofTables
    for (const sql of tables.create) await db.query(sql)
  })
  afterEach(async () => {
    await processes.endAll()
    await db.drop()
  })

  const settings = (more: Partial<NodeSettings>): NodeSettings => ({
    url: db.url,
    guard: 'driver',
    cluster: { ...fastOptions, namespace: NAMESPACE },
    ...more,
  })
  // A lease that a busy machine can renew: nobody takes over here.
  const holder = (): Cluster => db.cluster({ namespace: NAMESPACE, exempt: { card: ['seen'] }, freezeLeaseMs: 8000 })

  /** What must not change while the freeze holds: every row of what is protected. */
  const fingerprint = async (): Promise<string> =>
    JSON.stringify([await db.query(db.flavour.content), await db.query(tables.protectedContent)])

  interface Outcome {
    late: number
    frozen: number
    exemptWrites: number
    holderWrites: number
  }

  /** Freezes at random moments, wakes the sleeper at the worst one, and looks whether anything was committed. */
  async function rounds(
    cluster: Cluster,
    sleeper: NodeProcess,
    count: number,
    options: Partial<FreezeOptions>,
    backend: string | undefined,
    enough: (late: number) => boolean = () => false,
  ): Promise<Outcome> {
    const seen: Outcome = { late: 0, frozen: 0, exemptWrites: 0, holderWrites: 0 }
    for (let round = 0; round < count && !enough(seen.late); round += 1) {
      await delay(20 + Math.random() * 80)
      // A paused process is waited out for its lease, so not in every round.
      const paused = round % 2 === 1
      if (paused) sleeper.signal('SIGSTOP')
      const stubborn = await stubbornWriters()
      const freeze = await cluster.freeze({
        reason: `round ${round}`,
        drainTimeoutMs: tables.drainTimeoutMs,
        ackTimeoutMs: 20_000,
        terminateBlockers: true,
        ...options,
      })
      expect(freeze.fence.backend).toBe(backend)
      const before = await fingerprint()
      if (paused) sleeper.signal('SIGCONT')
      await stubborn.goOn()
      await delay(20 + Math.random() * 60)
      await db.query('UPDATE card SET seen = seen + 1')
      seen.exemptWrites += 1
      if (freeze.token !== undefined) seen.holderWrites += await holderWrite(freeze)
      const after = await fingerprint()
      await freeze.assertHeld()
      await freeze.thaw()
      seen.frozen += 1
      if (before !== after) seen.late += 1
    }
    return seen
  }

  /**
   * Programs that hold transactions open over the beginning of the freeze: one has written and only commits, one has
   * read and then writes with its old snapshot.
   */
  async function stubbornWriters(): Promise<{ goOn(): Promise<void> }> {
    const [writer, reader] = await Promise.all([db.connect('writer'), db.connect('reader')])
    for (const sql of db.flavour.begin('READ COMMITTED')) await writer.query(sql)
    await writer.query(insertEntry())
    for (const sql of db.flavour.begin('REPEATABLE READ')) await reader.query(sql)
    await reader.query(tables.protectedContent)
    await reader.query(tables.snapshot)
    return {
      async goOn() {
        await writer.query('COMMIT').catch(() => {})
        await reader
          .query(insertEntry())
          .then(() => reader.query('COMMIT'))
          .catch(() => {})
        await Promise.allSettled([writer.end(), reader.end()])
      },
    }
  }

  async function holderWrite({ token = '' }: Freeze): Promise<number> {
    const connection = await db.connect('job')
    try {
      for (const [sql, parameters] of tables.holderWrite(token)) await connection.query(sql, parameters)
      return 1
    } finally {
      await connection.end()
    }
  }

  /** An honest process, one that falls asleep between admission and sending, and one that asks nobody. */
  async function adversaries(): Promise<{ all: readonly NodeProcess[]; sleeper: NodeProcess }> {
    const honest = processes.spawn(settings({}))
    const sleeper = processes.spawn(settings({ sendDelayMs: 40 }))
    const rogue = processes.spawn(settings({ guard: 'flag' }))
    await Promise.all([honest, sleeper].map((node) => node.call('start')))
    const all = [honest, sleeper, rogue]
    await Promise.all(all.map((node) => node.call('startLoad', 4)))
    return { all, sleeper }
  }

  test.each(backendsOf(kind))(
    `by the fence %s, ${ROUNDS} rounds against paused processes and programs without a guard: nothing protected commits, nothing acknowledged is lost, exempt columns and the holder write on`,
    async (backend) => {
      const cluster = holder()
      if (backend === 'standing') await cluster.installFence()
      const { all, sleeper } = await adversaries()
      const outcome = await rounds(cluster, sleeper, ROUNDS, { fence: 'required' }, backend)
      expect(outcome).toEqual({ late: 0, frozen: ROUNDS, exemptWrites: ROUNDS, holderWrites: ROUNDS })
      const reports = await Promise.all(all.map((node) => node.call('stopLoad')))
      const present = new Set((await db.query('SELECT id FROM entry')).map(({ id }) => id))
      const acknowledged = reports.flatMap((report) => report.acknowledged)
      expect(acknowledged.length).toBeGreaterThan(ROUNDS)
      expect(acknowledged.filter((id) => !present.has(id))).toEqual([])
      expect((await db.query(tables.holderContent))[0]).toEqual({ n: ROUNDS })
    },
    60_000 + ROUNDS * 10_000,
  )

  const defects: readonly (readonly [string, readonly string[]])[] = [
    ['no fence', []],
    ['a trigger that reads a flag', proofTables[kind]?.flagTrigger ?? []],
  ]
  test.each(defects)(
    'the same rounds catch %s',
    async (_, statements) => {
      for (const sql of statements) await db.query(sql)
      const { sleeper } = await adversaries()
      const { late } = await rounds(
        holder(),
        sleeper,
        3,
        { fence: 'off', awaitServer: false },
        undefined,
        (seen) => seen > 0,
      )
      expect(late).toBeGreaterThan(0)
    },
    120_000,
  )
})
