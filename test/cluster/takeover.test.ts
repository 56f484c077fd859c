import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, fastOptions, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { flavourOf } from '../support/flavour.ts'
import { type NodeProcess, nodeProcesses } from '../support/node-process.ts'
import { withinHeartbeats } from '../support/within-heartbeats.ts'

const processes = nodeProcesses()
let db: TestDatabase

describe.each(databases)('on %s', (kind) => {
  const { table } = flavourOf(kind)
  beforeEach(async () => {
    db = await testDatabase('takeover', kind)
  })
  afterEach(async () => {
    await processes.endAll()
    await db.drop()
  })

  const spawn = (): NodeProcess => processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
  const started = async (count: number): Promise<NodeProcess[]> => {
    const nodes = Array.from({ length: count }, spawn)
    await Promise.all(nodes.map((node) => node.call('start')))
    return nodes
  }
  const canWrite = async (node: NodeProcess): Promise<boolean> =>
    node.call('write', insertEntry()).then(
      () => true,
      () => false,
    )
  const phaseOf = async (): Promise<string | undefined> =>
    (await db.query(`SELECT phase FROM ${table('freeze')} WHERE ended_at IS NULL`))[0]?.['phase']

  /** The lease of every freeze that is active has run out, and its lock delay has passed. */
  const leaseIsOver = async (): Promise<boolean> => {
    const left = `ended_at IS NULL AND ${db.flavour.secondsUntil('lease_until')} > ${-fastOptions.lockDelayMs / 1000}`
    return (await db.query(`SELECT 1 FROM ${table('freeze')} WHERE ${left}`)).length === 0
  }

  // Counted in heartbeats: how many milliseconds they take is up to the machine.
  async function expectTakeover(survivors: readonly NodeProcess[]): Promise<void> {
    await eventually('the lease is over', leaseIsOver)
    await withinHeartbeats(survivors, 2, 'the freeze is ended', async () => (await phaseOf()) === undefined)
    // Not in heartbeats: what the dead holder's fence was made of is taken away beside them.
    await eventually(
      'every node writes again',
      async () => (await Promise.all(survivors.map(canWrite))).every(Boolean),
      1000,
    )
    expect((await db.state()).mode).toBe('read-write')
    const ids = await Promise.all(survivors.map(async (node) => (await node.call('state')).nodeId))
    const [takeover] = await db.query(`SELECT node, detail FROM ${table('event')} WHERE type = 'takeover'`)
    expect(ids).toContain(takeover?.['node'])
    expect(JSON.stringify(takeover?.['detail'])).toContain(takeover?.['node'])
  }

  describe('a holder that is killed', () => {
    test('while nodes drain: the freeze is undone within its lease', async () => {
      const [holder, writer, other] = await started(3)
      await writer?.call('openTransaction', insertEntry())
      holder?.call('freeze', { reason: 'x', drainTimeoutMs: 20_000, ackTimeoutMs: 30_000 }).catch(() => {})
      await eventually('the drain is on', async () => (await phaseOf()) === 'draining')
      await eventually('a node refuses writes', async () => other !== undefined && !(await canWrite(other)))
      await holder?.kill()
      await writer?.call('commitTransaction', insertEntry())
      await expectTakeover([writer, other].filter((node) => node !== undefined))
    })

    test('while read-only: every node writes again, and the trail says who took over', async () => {
      const [holder, ...survivors] = await started(3)
      await holder?.call('freeze', { reason: 'x' })
      expect(await Promise.all(survivors.map(canWrite))).toEqual([false, false])
      await holder?.kill()
      await expectTakeover(survivors)
    })

    test('right after its thaw was written: the cluster stays read-write', async () => {
      const [holder, ...survivors] = await started(2)
      await holder?.call('freeze', { reason: 'x' })
      holder?.call('thaw').catch(() => {})
      await eventually('the thaw is written', async () => (await phaseOf()) === undefined)
      await holder?.kill()
      await eventually('writes are back', async () => (await Promise.all(survivors.map(canWrite))).every(Boolean), 1000)
    })

    test('while an operator’s freeze is half-way: it is undone too', async () => {
      const [holder, writer] = await started(2)
      await writer?.call('openTransaction', insertEntry())
      holder
        ?.call('freeze', { reason: 'x', kind: 'operator', drainTimeoutMs: 20_000, ackTimeoutMs: 30_000 })
        .catch(() => {})
      await eventually('the drain is on', async () => (await phaseOf()) === 'draining')
      await holder?.kill()
      await writer?.call('commitTransaction', insertEntry())
      await expectTakeover(writer === undefined ? [] : [writer])
    })

    test('whose freeze shall stay: the cluster stays read-only until the deadline', async () => {
      const [holder, survivor] = await started(2)
      await holder?.call('freeze', { reason: 'x', onHolderLost: 'stay', maxFreezeMs: 4000 })
      await holder?.kill()
      await eventually(
        'the loss is recorded',
        async () => (await db.query(`SELECT 1 FROM ${table('event')} WHERE type = 'takeover'`)).length === 1,
      )
      expect(survivor === undefined || (await canWrite(survivor))).toBe(false)
      const { afterMs } = await eventually(
        'the deadline ends it',
        async () => survivor !== undefined && canWrite(survivor),
      )
      expect(afterMs).toBeGreaterThan(500)
    })

    test('when nobody is left, the next node that starts takes over', async () => {
      const [holder] = await started(1)
      await holder?.call('freeze', { reason: 'x' })
      await holder?.kill()
      const [next] = await started(1)
      await expectTakeover(next === undefined ? [] : [next])
    })
  })

  test('a holder that was paused beyond its lease wakes up to a lost freeze, and its thaw opens nobody else’s (catches a thaw without compare-and-set)', async () => {
    const [holder, survivor] = await started(2)
    await holder?.call('freeze', { reason: 'first' })
    holder?.signal('SIGSTOP')
    await eventually('the survivor took over', async () => survivor !== undefined && canWrite(survivor))
    const second = db.cluster()
    const freeze = await second.freeze({ reason: 'second' })
    holder?.signal('SIGCONT')
    await expect(holder?.call('assertHeld')).rejects.toMatchObject({ kind: 'QUIESCE_FREEZE_ENDED' })
    await eventually('the holder knows', async () => (await holder?.call('freezeSignal'))?.aborted === true)
    expect(await holder?.call('thaw')).toEqual({ changed: false })
    await freeze.assertHeld()
    expect(survivor !== undefined && (await canWrite(survivor))).toBe(false)
    await freeze.thaw()
  })

  test('an operator’s freeze outlives the process that made it, and every node', async () => {
    const [holder] = await started(1)
    const { id } = (await holder?.call('freeze', { reason: 'x', kind: 'operator', owner: 'ann' })) ?? { id: '' }
    await holder?.kill()
    await eventually(
      'every lease is over',
      async () =>
        (await db.query(`SELECT 1 FROM ${table('node')} WHERE ${db.flavour.secondsUntil('lease_until')} > 0`))
          .length === 0,
    )
    const [next] = await started(1)
    expect(next !== undefined && (await canWrite(next))).toBe(false)
    const operator = db.cluster()
    await operator.start()
    expect(await operator.thaw(id, { owner: 'ann' })).toEqual({ changed: true })
    const nodes = next === undefined ? [] : [next]
    await withinHeartbeats(nodes, 2, 'writes are back', async () =>
      (await Promise.all(nodes.map(canWrite))).every(Boolean),
    )
  })
})
