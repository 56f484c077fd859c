import { once } from 'node:events'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { isReadOnlyError } from '@quiesce/core/adapter'
import { assertReadOnlyAttached, attachReadOnly, readOnlySubscriber } from '@quiesce/typeorm'
import type { DataSource, DataSourceOptions } from 'typeorm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { POOL_SIZE } from './fixture.ts'
import { createFrozenNode } from './frozen-node.ts'
import type { RawClient, ServerFixture, ServerTarget } from './server-fixture.ts'
import type { TypeormModule } from './typeorm-module.ts'

const INSERT = "INSERT INTO setting (name) VALUES ('x')"

/** Where and when the guard attaches, and what it does to the data source. */
export function describeRegistration(typeorm: TypeormModule, target: ServerTarget): void {
  const slowInsert = target.slowInsert(0.2)

  describe(`attachReadOnly on ${target.name}`, () => {
    let fixture: ServerFixture
    beforeEach(async () => {
      fixture = await target.open(typeorm)
    })
    afterEach(async () => {
      expect(await fixture.leaks()).toEqual([])
      await fixture[Symbol.asyncDispose]()
    })

    const taken = (): Promise<RawClient> => fixture.take((client) => client)

    it('counts each statement once, whichever way it takes', async () => {
      const { db, node } = fixture
      const writes = [db.query(slowInsert), fixture.queryPool(slowInsert)]
      const runner = db.createQueryRunner()
      const client = await fixture.clientOf(runner)
      writes.push(client.query(slowInsert))
      // The pool decides on its clients a moment later.
      await sleep(50)
      node.beginFreeze()
      expect(node.gate.drain().inFlight).toBe(3)
      await Promise.all(writes)
      await runner.release()
      expect(node.gate.drain()).toMatchObject({ inFlight: 0, unknown: 0 })
    })

    it('guards clients that no query runner has ever taken', async () => {
      await fixture.node.freeze()
      const clients = await Promise.all(Array.from({ length: POOL_SIZE }, () => taken()))
      for (const client of clients) await expect(client.query(INSERT)).rejects.toSatisfy(isReadOnlyError)
      for (const client of clients) client.release()
    })

    it('takes a client that changes hands within one turn for the connection of its new user', async () => {
      const { db, node } = fixture
      const runners = Array.from({ length: POOL_SIZE }, () => db.createQueryRunner())
      for (const runner of runners) await runner.connect()
      const begun = fixture.take((client) => client.query('BEGIN').then(() => client))
      for (const runner of runners) await runner.release()
      const client = await begun
      await client.query(INSERT)
      node.beginFreeze()
      await client.query(INSERT)
      await client.query('COMMIT')
      client.release()
      expect(node.gate.drain()).toMatchObject({ inFlight: 0, unknown: 0 })
    })

    it('takes a client for the connection of its new user, also when it comes from a runner that has waited for it', async () => {
      const { db, node } = fixture
      const clients = await Promise.all(Array.from({ length: POOL_SIZE }, () => taken()))
      const runner = db.createQueryRunner()
      const waiting = runner.query('SELECT 1')
      clients.pop()?.release()
      await waiting
      const begun = fixture.take((client) => client.query('BEGIN').then(() => client))
      await runner.release()
      const client = await begun
      await client.query(INSERT)
      node.beginFreeze()
      await client.query(INSERT)
      await client.query('COMMIT')
      for (const other of [client, ...clients]) other.release()
      expect(node.gate.drain()).toMatchObject({ inFlight: 0, unknown: 0 })
    })

    it('leaves what others have put on one query runner on that one', async () => {
      const traced: unknown[] = []
      let traces = false
      await using patched = await target.open(typeorm, {
        attach(node, db) {
          const create = db.driver.createQueryRunner.bind(db.driver)
          db.driver.createQueryRunner = (mode) => {
            const runner = create(mode)
            const query = runner.query.bind(runner)
            if (traces) {
              runner.query = (sql: string) => {
                traced.push(sql)
                return query(sql)
              }
            }
            return runner
          }
          attachReadOnly(node.cluster, db)
        },
      })
      for (const sql of ['SELECT 1', 'SELECT 2', 'SELECT 3']) {
        traces = sql === 'SELECT 2'
        await patched.db.query(sql)
      }
      expect(traced).toEqual(['SELECT 2'])
      patched.node.freeze()
      traces = true
      await expect(patched.db.query(INSERT)).rejects.toSatisfy(isReadOnlyError)
    })

    it('counts a transaction that was given back open as unknown', async () => {
      const { node } = fixture
      const client = await taken()
      await client.query('BEGIN')
      await client.query(INSERT)
      client.release()
      expect(node.gate.drain().unknown).toBe(1)
      node.gate.forgetUnknown(node.gate.unknownWrites())
      await client.query('ROLLBACK')
    })

    it('attached again for the same cluster changes nothing', async () => {
      const { db, node } = fixture
      attachReadOnly(node.cluster, db)
      const write = db.query(slowInsert)
      await turn()
      node.beginFreeze()
      expect(node.gate.drain().inFlight).toBe(1)
      await write
    })

    it('refuses a second cluster', () => {
      expect(() => attachReadOnly(createFrozenNode().cluster, fixture.db)).toThrow(
        expect.objectContaining({ kind: 'QUIESCE_CONFIG' }),
      )
    })

    it('survives destroy() and initialize()', async () => {
      await fixture.node.freeze()
      await fixture.db.destroy()
      await fixture.db.initialize()
      await expect(fixture.db.query(INSERT)).rejects.toSatisfy(isReadOnlyError)
      await expect(fixture.db.getRepository('Setting').insert({ name: 'x' })).rejects.toHaveProperty('model', 'Setting')
      const runner = fixture.db.createQueryRunner()
      const client = await fixture.clientOf(runner)
      await expect(client.query(INSERT)).rejects.toSatisfy(isReadOnlyError)
      await runner.release()
    })

    it('detaches: everything is as it was, also on connections that were guarded', async () => {
      const { db, node } = fixture
      const detach = attachReadOnly(node.cluster, db)
      const runner = db.createQueryRunner()
      const client = await fixture.clientOf(runner)
      await node.freeze()
      detach()
      await runner.query(INSERT)
      await client.query(INSERT)
      await fixture.queryPool(INSERT)
      await db.getRepository('Setting').insert({ name: 'x' })
      await runner.release()
      expect(db.subscribers).toEqual([])
      expect(['synchronize', 'dropDatabase', 'initialize'].filter((name) => Object.hasOwn(db, name))).toEqual([])
      expect(['createQueryRunner', 'connect'].filter((name) => Object.hasOwn(db.driver, name))).toEqual([])
      expect(() => assertReadOnlyAttached(node.cluster, db)).toThrow()
    })

    it('keeps its entity hooks out of the way while the cluster is read-write', async () => {
      const { db, node } = fixture
      const own = { listenTo: () => Object }
      db.subscribers.push(own)
      await node.freeze()
      expect(db.subscribers).toHaveLength(2)
      expect(db.subscribers[1]).toBe(own)
      node.thaw()
      expect(db.subscribers).toEqual([own])
      await db.getRepository('Setting').insert({ name: 'x' })
    })

    it('tells a statement that another subscriber has stopped from one whose end nobody knows', async () => {
      const { db, node } = fixture
      db.subscribers.push({
        beforeQuery: () => {
          throw new TypeError('not today')
        },
      })
      await expect(db.query(INSERT)).rejects.toThrow('not today')
      expect(node.gate.drain().unknown).toBe(0)
      db.subscribers.pop()
    })
  })

  describe(`readOnlySubscriber on ${target.name}`, () => {
    let fixture: ServerFixture
    afterEach(async () => {
      expect(await fixture.leaks()).toEqual([])
      await fixture[Symbol.asyncDispose]()
    })
    const open = async (): Promise<ServerFixture> =>
      target.open(typeorm, {
        attach: () => {},
        dataSource: ({ cluster }) => ({ subscribers: [readOnlySubscriber(cluster)] }),
      })
    const restart = async (): Promise<DataSource> => {
      const options: DataSourceOptions = { ...fixture.db.options }
      await fixture.db.destroy()
      const db = new typeorm.DataSource(options)
      await db.initialize()
      return db
    }

    it('guards what comes after the first statement', async () => {
      fixture = await open()
      await fixture.node.freeze()
      expect(() => assertReadOnlyAttached(fixture.node.cluster, fixture.db)).not.toThrow()
      await expect(fixture.db.query(INSERT)).rejects.toSatisfy(isReadOnlyError)
      await expect(fixture.db.getRepository('Setting').insert({ name: 'x' })).rejects.toHaveProperty('model', 'Setting')
      await expect(fixture.queryPool(INSERT)).rejects.toSatisfy(isReadOnlyError)
    })

    it('refuses the first statement of all, and counts it', async () => {
      fixture = await open()
      const writing = await restart()
      const write = writing.query(slowInsert)
      await sleep(50)
      fixture.node.beginFreeze()
      expect(fixture.node.gate.drain().inFlight).toBe(1)
      await write
      expect(fixture.node.gate.drain().inFlight).toBe(0)
      await writing.destroy()
      await fixture.db.initialize()
      const refused = await restart()
      await expect(refused.query(INSERT)).rejects.toSatisfy(isReadOnlyError)
      await refused.destroy()
    })

    it('refuses first statements that come at the same time', async () => {
      fixture = await open()
      await fixture.node.freeze()
      const db = await restart()
      const outcomes = await Promise.allSettled([
        db.query(INSERT),
        db.query('SELECT 1'),
        db.query(INSERT),
        db.query(INSERT),
      ])
      const refused = outcomes.map((outcome) => outcome.status === 'rejected' && isReadOnlyError(outcome.reason))
      expect(refused).toEqual([true, false, true, true])
      await db.destroy()
    })

    it('takes a transaction that was the first statement for one', async () => {
      fixture = await open()
      const db = await restart()
      await db.transaction(async (manager) => {
        await manager.query(INSERT)
        fixture.node.beginFreeze()
        await manager.query(INSERT)
      })
      await db.destroy()
      expect(fixture.node.gate.drain()).toMatchObject({ inFlight: 0, unknown: 0 })
    })

    it('misses a stream that is the first statement, unless the attachment was asserted', async () => {
      fixture = await open()
      await fixture.node.freeze()
      const db = await restart()
      const runner = db.createQueryRunner()
      const stream = await runner.stream(target.streamed)
      await once(stream.resume(), 'end')
      await runner.release()
      await db.destroy()
      await fixture.db.initialize()

      const asserted = await restart()
      assertReadOnlyAttached(fixture.node.cluster, asserted)
      const own = asserted.createQueryRunner()
      await expect(own.stream(target.streamed)).rejects.toSatisfy(isReadOnlyError)
      await own.release()
      await asserted.destroy()
    })

    it('is reported missing where TypeORM has ignored it', async () => {
      fixture = await target.open(typeorm, { attach: () => {}, dataSource: () => ({ subscribers: [] }) })
      expect(() => assertReadOnlyAttached(fixture.node.cluster, fixture.db)).toThrow(
        expect.objectContaining({ kind: 'QUIESCE_GUARD_MISSING' }),
      )
    })
  })
}
