import { gateOf } from '@quiesce/core/adapter'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, fastOptions, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { flavourOf } from '../support/flavour.ts'
import { nodeProcesses } from '../support/node-process.ts'

const processes = nodeProcesses()
let db: TestDatabase

describe.each(databases)('on %s', (kind) => {
  const { table } = flavourOf(kind)
  beforeEach(async () => {
    db = await testDatabase('freezes', kind)
  })
  afterEach(async () => {
    await processes.endAll()
    await db.drop()
  })

  describe('freezes', () => {
    test('overlap: the cluster is read-only until the last of them ends', async () => {
      const [a, b, node] = [db.cluster(), db.cluster(), db.cluster()]
      await node.start()
      const first = await a.freeze({ reason: 'first', kind: 'operator', owner: 'ann' })
      const second = await b.freeze({ reason: 'second' })
      expect(BigInt(second.epoch)).toBeGreaterThan(BigInt(first.epoch))
      expect(node.state.freezes.map(({ reason }) => reason).sort()).toEqual(['first', 'second'])
      await first.thaw()
      await eventually('one is left', () => node.state.freezes.length === 1)
      expect(() => gateOf(node).admit(insertEntry())).toThrow(/second/)
      await second.assertHeld()
      await second.thaw()
      await eventually('writes are back', () => node.state.mode === 'read-write')
    })

    test('have exemptions of their own, and each must agree', async () => {
      const node = db.cluster({ exempt: { audit_log: true } })
      await node.start()
      const generous = await node.freeze({ reason: 'a', exempt: { entry: { insert: true } } })
      gateOf(node).admit(insertEntry()).end('answered')
      gateOf(node).admit('INSERT INTO audit_log VALUES (1)').end('answered')
      const strict = await node.freeze({ reason: 'b' })
      expect(() => gateOf(node).admit(insertEntry())).toThrow(/freeze/)
      gateOf(node).admit('INSERT INTO audit_log VALUES (1)').end('answered')
      await strict.thaw()
      await generous.thaw()
    })

    test('that are aborted are undone', async () => {
      const writer = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
      await writer.call('start')
      await writer.call('openTransaction', insertEntry())
      const holder = db.cluster()
      const controller = new AbortController()
      const freezing = holder.freeze({ reason: 'x', signal: controller.signal, drainTimeoutMs: 5000 })
      await eventually('it drains', () => holder.state.mode === 'draining')
      controller.abort(new Error('changed my mind'))
      await expect(freezing).rejects.toMatchObject({ kind: 'QUIESCE_ABORTED' })
      expect((await db.state()).mode).toBe('read-write')
      expect((await holder.history()).find(({ type }) => type === 'thawed')).toMatchObject({
        detail: { why: 'aborted' },
      })
      await writer.call('commitTransaction')
    })

    test('roll back a transaction that overstays the drain, and say so to its owner', async () => {
      const writer = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
      await writer.call('start')
      await writer.call('openTransaction', insertEntry())
      const holder = db.cluster()
      const freeze = await holder.freeze({ reason: 'x', awaitServer: false, drainTimeoutMs: 300 })
      await expect(writer.call('commitTransaction')).rejects.toMatchObject({
        kind: 'QUIESCE_READ_ONLY',
        message: expect.stringContaining('drain deadline'),
      })
      expect(await db.query('SELECT id FROM entry')).toEqual([])
      await freeze.thaw()
    })

    test('that a live node does not ack name it and are undone', async () => {
      const options = { ...fastOptions, nodeLeaseMs: 5000, freezeLeaseMs: 8000 }
      const deaf = processes.spawn({ url: db.url, guard: 'driver', cluster: options })
      const { nodeId } = await deaf.call('start')
      const holder = db.cluster(options)
      await holder.start()
      deaf.signal('SIGSTOP')
      const failure = await holder
        .freeze({ reason: 'x', drainTimeoutMs: 300, ackTimeoutMs: 700 })
        .catch((error: unknown) => error)
      expect(failure).toMatchObject({
        name: 'AckTimeoutError',
        kind: 'QUIESCE_ACK_TIMEOUT',
        stragglers: [{ nodeId, pid: deaf.pid }],
        message: expect.stringContaining(nodeId),
      })
      deaf.signal('SIGCONT')
      await eventually('writes are back', async () =>
        deaf.call('write', insertEntry()).then(
          () => true,
          () => false,
        ),
      )
    })

    test('wait a silent node out, and count it as lost', async () => {
      const node = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
      const { nodeId } = await node.call('start')
      const holder = db.cluster()
      await holder.start()
      await node.kill()
      const freeze = await holder.freeze({ reason: 'x' })
      expect(freeze.lost).toEqual([nodeId])
      expect(freeze.timings.ackedMs).toBeGreaterThan(fastOptions.writeBoundMs)
      await freeze.thaw()
    })

    test('with options that can’t be meant list every problem', async () => {
      const failure = db.cluster().freeze({ reason: ' ', drainTimeoutMs: -1, nonsense: 1 } as never)
      await expect(failure).rejects.toMatchObject({
        kind: 'QUIESCE_CONFIG',
        data: { problems: [{ path: 'reason' }, { path: 'drainTimeoutMs', value: '-1' }, expect.anything()] },
      })
    })
  })

  describe('nodes', () => {
    test('are alive, overdue and lost by the database’s clock', async () => {
      const node = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
      const { nodeId } = await node.call('start')
      const watcher = db.cluster()
      await watcher.start()
      const status = async (): Promise<string | undefined> =>
        (await watcher.nodes()).find(({ id }) => id === nodeId)?.status
      expect(await status()).toBe('alive')
      node.signal('SIGSTOP')
      await eventually('overdue', async () => (await status()) === 'overdue')
      await eventually('lost', async () => (await status()) === 'lost')
      node.signal('SIGCONT')
      await eventually('alive again', async () => (await status()) === 'alive')
      await node.call('close')
      expect(await status()).toBeUndefined()
    })

    test('that start during a freeze are read-only from their first moment', async () => {
      const holder = db.cluster()
      const freeze = await holder.freeze({ reason: 'x' })
      const node = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
      expect((await node.call('start')).mode).toBe('read-only')
      await expect(node.call('write', insertEntry())).rejects.toMatchObject({ kind: 'QUIESCE_READ_ONLY' })
      await freeze.thaw()
      await eventually(
        'writes are back',
        async () =>
          node.call('write', insertEntry()).then(
            () => true,
            () => false,
          ),
        1000,
      )
    })

    test('join by themselves at the first guarded write, which waits; reads do not', async () => {
      const freeze = await db.cluster().freeze({ reason: 'x' })
      const node = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
      await node.call('write', 'SELECT 1')
      await expect(node.call('write', insertEntry())).rejects.toMatchObject({ kind: 'QUIESCE_READ_ONLY' })
      await freeze.thaw()
    })

    test('whose row was removed come back under another id, closed in between', async () => {
      const node = db.cluster()
      await node.start()
      const before = node.state.nodeId
      await db.query(`DELETE FROM ${table('node')}`)
      await eventually('it joined again', () => node.state.nodeId !== before && node.state.mode === 'read-write')
      expect((await node.nodes()).map(({ id }) => id)).toEqual([node.state.nodeId])
    })

    test('that close refuse writes and leave only when nothing is in flight', async () => {
      const node = db.cluster()
      await node.start()
      const ticket = gateOf(node).admit(insertEntry())
      const closing = node.close()
      await eventually('it refuses', () => node.state.mode === 'closed')
      const watcher = db.cluster()
      await watcher.start()
      expect(await watcher.nodes()).toHaveLength(2)
      ticket.end('answered')
      await closing
      expect(await watcher.nodes()).toHaveLength(1)
      await expect(node.start()).rejects.toMatchObject({ kind: 'QUIESCE_CLOSED' })
    })
  })
})
