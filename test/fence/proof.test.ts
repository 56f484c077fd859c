import type { Cluster, FreezeOptions } from '@quiesce/core'
import { type DatabaseName, type SqlServer, startMariadb, startMysql } from '@quiesce/test-servers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { databases, fastOptions, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { isLong } from '../support/long.ts'
import { type NodeProcess, nodeProcesses } from '../support/node-process.ts'
import type { NodeSettings } from '../support/protocol.ts'
import { holderLost, type Outcome, proofRounds, type Rounds } from './support/proof-rounds.ts'
import { type ProofTables, proofTables } from './support/proof-tables.ts'

/** `pnpm proof` asks for many more. */
const ROUNDS = Number(process.env['QUIESCE_PROOF_ROUNDS'] ?? (isLong ? 50 : 8))
/** A holder is lost this often. */
const LOST = Math.ceil(ROUNDS / 50)
const NAMESPACE = 'proof'
const EXEMPT = { card: ['seen'], note: true } as const

/** Databases that can refuse by themselves. */
const fencing = databases.filter((kind): kind is DatabaseName => proofTables[kind] !== undefined)

/** Of the test's own: what is prepared for two phases belongs to no database there, so every freeze on the server waits for it. */
const ownServer = { mysql: startMysql, mariadb: startMariadb, postgres: undefined }

/** How they can. */
const backends = ['on-freeze', 'standing']

describe.each(fencing)('on %s', (kind) => {
  const processes = nodeProcesses()
  let server: SqlServer | undefined
  let db: TestDatabase
  let tables: ProofTables
  let cluster: Cluster
  let rogue: NodeProcess
  let guarded: NodeProcess
  let honest: NodeProcess

  const settings = (more: Partial<NodeSettings>): NodeSettings => ({
    url: db.url,
    guard: 'driver',
    cluster: { ...fastOptions, namespace: NAMESPACE },
    ...more,
  })

  // An honest process, one that falls asleep between admission and sending, and one that asks nobody.
  beforeAll(async () => {
    server = await ownServer[kind]?.({ binlog: true })
    db = await testDatabase('proof', kind, server?.url)
    tables = proofTables[kind] as ProofTables
    for (const sql of tables.create) await db.query(sql)
    // A lease that a busy machine can renew: nobody takes over unless a test says so.
    const patient = { nodeLeaseMs: 5000, statementTimeoutMs: 4000, freezeLeaseMs: 15_000 }
    cluster = db.cluster({ namespace: NAMESPACE, exempt: EXEMPT, ...patient })
    honest = processes.spawn(settings({}))
    guarded = processes.spawn(settings({ sendDelayMs: 40 }))
    rogue = processes.spawn(settings({ guard: 'flag' }))
    await Promise.all([honest, guarded].map((node) => node.call('start')))
  })
  afterEach(async () => {
    for (const node of all()) node.signal('SIGCONT')
    await Promise.all(all().map((node) => node.call('stopLoad')))
  })
  afterAll(async () => {
    await processes.endAll()
    await db.drop()
    await server?.stop('immediate')
  })

  const all = (): readonly NodeProcess[] => [honest, guarded, rogue]
  const rounds = (options: Partial<FreezeOptions>, more: Partial<Rounds> = {}): Rounds => ({
    ...{ db, tables, cluster, options, count: ROUNDS, onFrozen: () => {} },
    ...more,
  })

  test.each(backends)(
    `by the fence %s, ${ROUNDS} rounds against paused processes, open and prepared transactions and programs without a guard: nothing protected commits, nothing acknowledged is lost, exempt columns and the holder write on`,
    async (backend) => {
      if (backend === 'standing') await cluster.installFence()
      const before = Number((await db.query(tables.holderContent))[0]?.['n'])
      await Promise.all(all().map((node) => node.call('startLoad', 3, 40)))
      const required = rounds(
        { fence: 'required' },
        {
          sleepers: { rogue, guarded },
          onFrozen: ({ fence }) => expect(fence.backend).toBe(backend),
          onRound: tellProgress(`${kind}, ${backend}`),
        },
      )
      const outcome = await proofRounds(required)
      expect(outcome).toEqual({ late: 0, frozen: ROUNDS, exemptWrites: ROUNDS, holderWrites: ROUNDS })
      const reports = await Promise.all(all().map((node) => node.call('stopLoad')))
      const present = new Set((await db.query('SELECT id FROM entry')).map(({ id }) => id))
      const acknowledged = reports.flatMap((report) => report.acknowledged)
      expect(acknowledged.length).toBeGreaterThan(ROUNDS)
      expect(acknowledged.filter((id) => !present.has(id))).toEqual([])
      let bypasses = 0
      for (let n = 0; n < LOST; n += 1) bypasses += await holderLost(required)
      expect(bypasses).toBe(0)
      expect(Number((await db.query(tables.holderContent))[0]?.['n'])).toBe(before + ROUNDS)
      if (backend === 'standing') await cluster.removeFence()
    },
    120_000 + ROUNDS * 10_000,
  )

  test('a transaction that is prepared and stays holds the freeze up and is named (catches counting sessions only)', async () => {
    const { begin, prepare, rollback } = tables.twoPhases
    const session = await db.connect('two phases')
    for (const sql of [begin('stays'), insertEntry(), ...prepare('stays')]) await session.query(sql)
    await session.end()
    const options = { reason: 'x', fence: 'required', drainTimeoutMs: 300, ackTimeoutMs: 20_000 } as const
    try {
      await expect(cluster.freeze(options)).rejects.toMatchObject({
        kind: 'QUIESCE_DRAIN_TIMEOUT',
        message: expect.stringMatching(/prepared/),
      })
      expect((await db.state()).mode).toBe('read-write')
      if (kind !== 'mariadb') return
      // Its locks on the table are forgotten there, so DDL does not wait for it; whoever does not wait either is told.
      const freeze = await cluster.freeze({ ...options, awaitServer: false })
      expect(freeze.fence.gaps.map((gap) => gap.kind)).toContain('prepared-transaction')
      await freeze.thaw()
    } finally {
      await db.query(rollback('stays'))
    }
  })

  const defects: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['no fence', [], []],
    ['a trigger that reads a flag', proofTables[kind]?.flagTrigger ?? [], proofTables[kind]?.dropFlagTrigger ?? []],
  ]
  test.each(defects)('the same rounds catch %s', async (_, make, drop) => {
    for (const sql of make) await db.query(sql)
    const until = { count: 5, stubbornEvery: 1, onRound: ({ late }: Outcome) => late > 0 }
    const unfenced = rounds({ fence: 'off', awaitServer: false }, until)
    const { late } = await proofRounds(unfenced)
    for (const sql of drop) await db.query(sql)
    expect(late).toBeGreaterThan(0)
  })
})

/** Many rounds take hours: how far they have come, every 50. */
function tellProgress(who: string): (outcome: Outcome) => boolean {
  const startedAtMs = performance.now()
  return ({ frozen, late }) => {
    if (frozen % 50 === 0) {
      const seconds = (performance.now() - startedAtMs) / 1000
      console.log(`${who}: ${frozen} of ${ROUNDS} rounds, ${late} late, ${(seconds / frozen).toFixed(2)} s a round`)
    }
    return false
  }
}
