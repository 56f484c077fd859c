import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { isLong } from '../support/long.ts'
import { nodeProcesses } from '../support/node-process.ts'
import type { NodeSettings } from '../support/protocol.ts'

/** Writers that are refused ask again after this time at most: what commits late was under way before. */
const PAUSE_MS = 25

const processes = nodeProcesses()
let db: TestDatabase

describe.each(databases)('on %s', (kind) => {
  beforeEach(async () => {
    db = await testDatabase('late-commits', kind)
  })
  afterEach(async () => {
    await processes.endAll()
    await db.drop()
  })

  const content = async (): Promise<string> => String((await db.query(db.flavour.content))[0]?.['content'])

  /** Freezes and thaws at random moments; the number of rounds in which something was committed in between. */
  async function lateRounds(
    count: number,
    openMs: number,
    until: (late: number) => boolean = () => false,
  ): Promise<{ late: number; frozen: number }> {
    const holder = db.cluster({ namespace: 'late', listen: true })
    await holder.start()
    let late = 0
    let frozen = 0
    for (let round = 0; round < count && !until(late); round += 1) {
      await delay(Math.random() * openMs)
      // In every other round the nodes' own drain has to be exact, without a look at the server.
      const freeze = await holder.freeze({
        reason: `round ${round}`,
        drainTimeoutMs: 400,
        ackTimeoutMs: 5000,
        awaitServer: round % 2 === 0,
        // The nodes' word alone; with a fence nothing of this would show.
        fence: 'off',
      })
      const before = await content()
      await delay(10 + Math.random() * 60)
      const after = await content()
      await freeze.assertHeld()
      await freeze.thaw()
      frozen += 1
      if (before !== after) late += 1
    }
    return { late, frozen }
  }

  const settings = (guard: NodeSettings['guard']): NodeSettings => ({
    url: db.url,
    guard,
    cluster: { ...fastOptions, namespace: 'late' },
  })

  /** The guards under test, each in a process of its own. */
  const guards = ['driver', 'prisma', 'typeorm'] as const
  const rounds = kind === 'postgres' || isLong ? 200 : 60

  test(`${rounds} rounds of freeze and thaw against writers in three processes (${guards.join(', ')}): nothing commits in between, nothing acknowledged is lost`, async () => {
    const nodes = guards.map((guard) => processes.spawn(settings(guard)))
    await Promise.all(nodes.map((node) => node.call('start')))
    await Promise.all(nodes.map((node) => node.call('startLoad', 4, PAUSE_MS)))
    const { late, frozen } = await lateRounds(rounds, 60)
    const reports = await Promise.all(nodes.map((node) => node.call('stopLoad')))
    expect({ late, frozen }).toEqual({ late: 0, frozen: rounds })

    const present = new Set((await db.query('SELECT id FROM entry')).map(({ id }) => id))
    const acknowledged = reports.flatMap((report) => report.acknowledged)
    expect(acknowledged.length).toBeGreaterThan(rounds)
    expect(acknowledged.filter((id) => !present.has(id))).toEqual([])
    expect(present.size).toBe(acknowledged.length)
    expect(reports.flatMap(({ failed }) => failed)).toEqual([])
    expect(Math.min(...reports.map(({ refused }) => refused))).toBeGreaterThan(0)
  }, 300_000)

  test('the same rounds catch a gate that merely polls a flag', async () => {
    const honest = processes.spawn(settings('driver'))
    const flagged = processes.spawn(settings('flag'))
    await honest.call('start')
    await Promise.all([honest, flagged].map((node) => node.call('startLoad', 4)))
    const { late } = await lateRounds(50, 500, (seen) => seen > 0)
    expect(late).toBeGreaterThan(0)
  }, 120_000)
})
