import { createCluster } from '@quiesce/core'
import { gateOf } from '@quiesce/core/adapter'
import { startFaultProxy } from '@quiesce/test-servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { flavourOf } from '../support/flavour.ts'
import { nodeProcesses } from '../support/node-process.ts'
import { starvedPool } from '../support/starved-pool.ts'

const processes = nodeProcesses()
let db: TestDatabase

describe.each(databases)('on %s', (kind) => {
  const { table } = flavourOf(kind)
  beforeEach(async () => {
    db = await testDatabase('rules', kind)
  })
  afterEach(async () => {
    await processes.endAll()
    await db.drop()
  })

  const ROW = '00000000-0000-4000-8000-000000000001'
  const UPDATE_ROW = `UPDATE entry SET at = now() WHERE id = '${ROW}'`
  const isSettled = async (promise: Promise<unknown>): Promise<boolean> =>
    (await Promise.race([
      promise.then(
        () => true,
        () => true,
      ),
      new Promise((resolve) => setTimeout(resolve, 0)),
    ])) === true

  /** Holds the row, so that an update of it waits inside the server. */
  async function holdRow(): Promise<{ release(): Promise<void> }> {
    await db.query(db.flavour.insertOnce(ROW))
    const client = await db.connect()
    await client.query('BEGIN')
    await client.query('SELECT id FROM entry WHERE id = ? FOR UPDATE', [ROW])
    return {
      async release() {
        await client.query('COMMIT')
        await client.end()
      },
    }
  }
  const waitingInServer = () =>
    eventually('the update waits in the server', async () => (await db.query(db.flavour.waiting)).length > 0)

  describe('a statement that is alive in the server', () => {
    test('of a killed process is waited for (catches trust in the lease of a dead node)', async () => {
      const row = await holdRow()
      const node = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
      await node.call('start')
      node.call('write', UPDATE_ROW).catch(() => {})
      await waitingInServer()
      await node.kill()
      const holder = db.cluster()
      const freezing = holder.freeze({ fence: 'off', reason: 'orphan', drainTimeoutMs: 8000, ackTimeoutMs: 9000 })
      await eventually('the dead node was waited out long ago', async () =>
        (await holder.nodes()).some(({ leaseRemainingMs }) => leaseRemainingMs < -1500),
      )
      expect(await isSettled(freezing)).toBe(false)
      await row.release()
      const freeze = await freezing
      const [before] = await db.query('SELECT at FROM entry')
      expect(freeze.lost).toHaveLength(1)
      await freeze.thaw()
      expect((await db.query('SELECT at FROM entry'))[0]).toEqual(before)
    })

    test('of a program without a guard is named when it does not end, and the freeze is undone', async () => {
      const row = await holdRow()
      const psql = await db.connect('psql')
      await psql.query('BEGIN')
      await psql.query(`INSERT INTO entry (id) VALUES ('00000000-0000-4000-8000-000000000002')`)
      const holder = db.cluster()
      const failure = await holder
        .freeze({ fence: 'off', reason: 'x', drainTimeoutMs: 300, ackTimeoutMs: 2000 })
        .catch((error: unknown) => error)
      // MariaDB does not tell which tables an idle transaction has written.
      const entries = kind === 'mariadb' ? [] : [expect.stringMatching(/entry$/)]
      expect(failure).toMatchObject({
        kind: 'QUIESCE_DRAIN_TIMEOUT',
        writers: expect.arrayContaining([expect.objectContaining({ tables: entries })]),
      })
      await psql.query('ROLLBACK')
      await psql.end()
      await row.release()
      expect((await db.state()).mode).toBe('read-write')
      await eventually('the gate is open again', () => holder.state.mode === 'read-write')
    })

    test('after the driver’s time-out is in flight until the server has answered (catches an ack on a rejected promise)', async () => {
      const row = await holdRow()
      const node = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions, appQueryTimeoutMs: 200 })
      await node.call('start')
      const write = node.call('write', UPDATE_ROW)
      await waitingInServer()
      await expect(write).rejects.toThrow(/timeout/i)
      const holder = db.cluster()
      const failure = await holder
        .freeze({ fence: 'off', reason: 'x', awaitServer: false, drainTimeoutMs: 300, ackTimeoutMs: 3000 })
        .catch((error: unknown) => error)
      expect(failure).toMatchObject({ kind: 'QUIESCE_DRAIN_TIMEOUT', stragglers: [{ unknown: 1, pid: node.pid }] })
      const freezing = holder.freeze({
        fence: 'off',
        reason: 'y',
        awaitServer: false,
        drainTimeoutMs: 300,
        ackTimeoutMs: 5000,
      })
      await row.release()
      await freezing
    })
  })

  test('a node registers before it reads the mode (catches a joiner that slips between the two)', async () => {
    for (const statement of db.flavour.turnstile) await db.query(statement)
    const turnstile = await db.connect()
    await turnstile.query(db.flavour.closeTurnstile)
    const holder = db.cluster()
    await holder.start()
    const late = db.cluster({ application: 'late', statementTimeoutMs: 900 })
    const joining = late.start()
    await eventually(
      'the joiner waits at its registration',
      async () => (await db.query(db.flavour.waitingAtTurnstile)).length > 0,
    )
    const freeze = await holder.freeze({ fence: 'off', reason: 'x', awaitServer: false })
    await turnstile.query(db.flavour.openTurnstile)
    await turnstile.end()
    await joining
    expect(() => gateOf(late).admit('DELETE FROM entry')).toThrow(/read-only/)
    await freeze.thaw()
  })

  // MySQL and MariaDB end a statement that waits there when its client has gone.
  test.runIf(kind === 'postgres')(
    'a registration that is executed after it was given up keeps its node out no longer (catches one id for two attempts)',
    async () => {
      for (const statement of db.flavour.turnstile) await db.query(statement)
      const turnstile = await db.connect()
      await turnstile.query(db.flavour.closeTurnstile)
      const late = db.cluster({ application: 'late', statementTimeoutMs: 500 })
      await expect(late.start()).rejects.toMatchObject({ kind: 'QUIESCE_DATABASE' })
      await turnstile.query(db.flavour.openTurnstile)
      await eventually('the row of the first attempt is there', async () => (await late.nodes()).length === 1)
      await late.start()
      expect((await late.nodes()).map(({ id }) => id)).toContain(late.state.nodeId)
      await turnstile.end()
    },
  )

  test('a node that cannot reach the database closes its gate within its lease, and opens it when it can', async () => {
    const url = new URL(db.url)
    const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) })
    const node = createCluster({ database: proxy.url(db.url), ...fastOptions })
    await node.start()
    proxy.pause()
    const { afterMs } = await eventually('the gate closes', () => node.state.mode === 'read-only', 3000)
    expect(afterMs).toBeLessThanOrEqual(fastOptions.nodeLeaseMs + 100)
    expect(() => gateOf(node).admit('DELETE FROM entry')).toThrow(/lost its lease/)
    proxy.resume()
    await eventually('the gate opens', () => node.state.mode === 'read-write')
    await node.close()
    await proxy.close()
  })

  describe('the token', () => {
    test('lets one of many concurrent transitions win each time (catches a transition without compare-and-set)', async () => {
      const clusters = Array.from({ length: 5 }, () => db.cluster({ freezeLeaseMs: 15_000 }))
      await Promise.all(clusters.map((cluster) => cluster.start()))
      const [{ epoch: first } = { epoch: '' }] = await db.query(`SELECT epoch FROM ${table('cluster')}`)
      const rounds = clusters.flatMap((cluster) =>
        Array.from({ length: 4 }, async () => {
          const freeze = await cluster.freeze({ fence: 'off', reason: 'many', awaitServer: false })
          expect(gateOf(cluster).mode).not.toBe('read-write')
          await freeze.thaw()
        }),
      )
      await Promise.all(rounds)
      const [{ epoch: last, mode } = { epoch: '', mode: '' }] = await db.query(
        `SELECT epoch, mode FROM ${table('cluster')}`,
      )
      expect({ grown: Number(last) - Number(first), mode }).toEqual({ grown: 40, mode: 'read-write' })
      expect(await db.query(`SELECT id FROM ${table('freeze')} WHERE ended_at IS NULL`)).toEqual([])
    })

    test('tells two states of the same epoch apart by their nonce', async () => {
      const holder = db.cluster()
      const freeze = await holder.freeze({ fence: 'off', reason: 'x', awaitServer: false })
      await db.query(`UPDATE ${table('freeze')} SET nonce = 'another holder' WHERE id = ?`, [freeze.id])
      await expect(freeze.assertHeld()).rejects.toMatchObject({ kind: 'QUIESCE_FREEZE_ENDED' })
      expect(await freeze.thaw()).toEqual({ changed: false })
      expect((await db.state()).mode).toBe('read-only')
    })

    const damages: ReadonlyArray<readonly [string, string]> = [
      ['an epoch that goes backwards', `UPDATE ${table('cluster')} SET epoch = 1`],
      ['another database', `UPDATE ${table('cluster')} SET database_identity = 'restored from elsewhere'`],
      ['a deleted row', `DELETE FROM ${table('cluster')}`],
      ['a mode that its freezes do not explain', `UPDATE ${table('cluster')} SET mode = 'read-only'`],
    ]
    test.each(damages)(
      '%s closes the gate, says so, and the state is made anew after a holder’s lease',
      async (_, damage) => {
        const node = db.cluster()
        const lost: string[] = []
        node.on('state-lost', ({ why }) => lost.push(why))
        for (let i = 0; i < 3; i += 1)
          await (await node.freeze({ fence: 'off', reason: 'raise the epoch', awaitServer: false })).thaw()
        await eventually('writable', () => node.state.mode === 'read-write')
        const before = BigInt(node.state.epoch ?? '0')
        await db.query(damage)
        await eventually('the gate closes', () => node.state.mode === 'read-only')
        expect(() => gateOf(node).admit('DELETE FROM entry')).toThrow(/went backwards/)
        const { afterMs } = await eventually('the gate opens', () => node.state.mode === 'read-write')
        expect(afterMs).toBeGreaterThan(fastOptions.freezeLeaseMs - fastOptions.pollIntervalMs * 2)
        expect(BigInt(node.state.epoch ?? '0')).toBeGreaterThan(before)
        expect(lost.length).toBeGreaterThan(0)
      },
    )
  })

  describe('holding', () => {
    test('assertHeld() asks the database, and does not trust what this process believes', async () => {
      const holder = db.cluster()
      const freeze = await holder.freeze({ fence: 'off', reason: 'x', awaitServer: false })
      const operator = db.cluster()
      await expect(operator.thaw(freeze.id)).rejects.toMatchObject({
        kind: 'QUIESCE_NOT_HOLDER',
        data: { kind: 'machine' },
      })
      expect(await operator.thaw(freeze.id, { force: true, reason: 'the job hangs', owner: 'ann' })).toEqual({
        changed: true,
      })
      await expect(freeze.assertHeld()).rejects.toMatchObject({ kind: 'QUIESCE_FREEZE_ENDED' })
      await eventually('the holder is told', () => freeze.signal.aborted, 1000)
      expect(freeze.state).toBe('lost')
      expect(await freeze.thaw()).toEqual({ changed: false })
      const thawed = (await operator.history()).find(({ type }) => type === 'thawed')
      expect(thawed).toMatchObject({
        type: 'thawed',
        freezeId: freeze.id,
        detail: { why: 'forced', note: 'ann: the job hangs' },
      })
    })

    test('a lease is full when freeze() resolves, however long it waited (catches a lease that was half spent in the wait)', async () => {
      const writer = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
      await writer.call('start')
      await writer.call('openTransaction', `INSERT INTO entry (id) VALUES ('${ROW}')`)
      const holder = db.cluster()
      const freezing = holder.freeze({ fence: 'off', reason: 'x', drainTimeoutMs: 5000, ackTimeoutMs: 6000 })
      await eventually(
        'the lease is half spent',
        async () =>
          (await db.query(`SELECT 1 FROM ${table('freeze')} WHERE ${db.flavour.secondsUntil('begun_at')} < -1.2`))
            .length > 0,
      )
      await writer.call('commitTransaction')
      const freeze = await freezing
      const [lease] = await db.query(
        `SELECT ${db.flavour.secondsUntil('lease_until')} AS remaining FROM ${table('freeze')} WHERE id = ?`,
        [freeze.id],
      )
      expect(Number(lease?.['remaining'])).toBeGreaterThan((fastOptions.freezeLeaseMs / 1000) * 0.9)
      await freeze.thaw()
    })

    test('no renewal moves the deadline of maxFreezeMs (catches a hung job that keeps the cluster frozen for ever)', async () => {
      const holder = db.cluster()
      const freeze = await holder.freeze({ fence: 'off', reason: 'hangs', maxFreezeMs: 900, awaitServer: false })
      const { afterMs } = await eventually('writes are back', () => holder.state.mode === 'read-write')
      expect(afterMs).toBeLessThan(1500)
      expect(freeze.signal.aborted).toBe(true)
      expect((await holder.history()).find(({ type }) => type === 'thawed')).toMatchObject({
        detail: { why: 'deadline' },
      })
    })
  })

  describe('control connections', () => {
    test('are not the application’s: with its pool used up, heartbeats, freeze and thaw go on', async () => {
      const starved = await starvedPool(db.url)
      try {
        const node = db.cluster({ database: starved.pool })
        await node.start()
        const freeze = await node.freeze({ fence: 'off', reason: 'x' })
        await freeze.thaw()
        await eventually('writes are back', () => node.state.mode === 'read-write', 500)
        await eventually(
          'a heartbeat comes through',
          async () => (await node.nodes()).every(({ heartbeatAgeMs }) => heartbeatAgeMs < 100),
          1000,
        )
      } finally {
        await starved.end()
      }
    })
  })
})
