import { setImmediate as turn } from 'node:timers/promises'
import { isReadOnlyError } from '@quiesce/core/adapter'
import type { PoolClient } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Fixture, openFixture, POOL_SIZE } from './fixture.ts'
import { postgresTarget } from './postgres-target.ts'
import { refuseDeletes } from './refusing-trigger.ts'
import type { TypeormModule } from './typeorm-module.ts'

const INSERT = "INSERT INTO setting (name) VALUES ('x')"

/** What a guarded client of node-postgres answers, and whose statements it counts. */
export function describePostgresClient(typeorm: TypeormModule): void {
  describe('a client on PostgreSQL', () => {
    let fixture: Fixture
    let client: PoolClient

    beforeEach(async () => {
      fixture = await openFixture(typeorm)
      client = await fixture.pool.connect()
    })
    afterEach(async () => {
      client.release()
      expect(await fixture.leaks()).toEqual([])
      await fixture[Symbol.asyncDispose]()
    })

    it('answers as it does without a guard', async () => {
      const bare = fixture.admin
      for (const send of [
        (on: Pick<PoolClient, 'query'>) => on.query('SELECT 1 AS one'),
        (on: Pick<PoolClient, 'query'>) => on.query('SELECT $1::int AS one', [1]),
        (on: Pick<PoolClient, 'query'>) => on.query({ text: 'SELECT $1::int AS one', values: [1], rowMode: 'array' }),
        (on: Pick<PoolClient, 'query'>) => on.query('SELECT 1 AS one; SELECT 2 AS two'),
      ]) {
        expect(JSON.stringify(await send(client))).toBe(JSON.stringify(await send(bare)))
      }
    })

    it('makes a ReadOnlyError of what a fence refuses, also of what a query runner has left to it', async () => {
      const refused = await refuseDeletes(fixture.admin)
      await expect(client.query('DELETE FROM audit_log')).rejects.toMatchObject(refused)
      await expect(fixture.db.getRepository('AuditLog').delete({ name: 'x' })).rejects.toMatchObject(refused)
      await expect(fixture.db.query('DELETE FROM audit_log')).rejects.toMatchObject(refused)
    })

    it('refuses what a query runner has left to it before the node heard of a freeze, as it is', async () => {
      const runner = fixture.db.createQueryRunner()
      await runner.query('SELECT 1')
      const sent = runner.query(INSERT)
      fixture.node.beginFreeze()
      const error = await sent.catch((thrown: unknown) => thrown)
      expect([isReadOnlyError(error), await fixture.settings()]).toEqual([true, 0])
      await runner.release()
    })

    it('lets every other subscriber hear of what it refuses, and adds none for longer than that', async () => {
      await fixture.db.query('SELECT 1')
      const heard: unknown[] = []
      const other = { afterQuery: ({ error }: { error?: unknown }) => void heard.push(error) }
      fixture.db.subscribers.push(other as never)
      const before = [...fixture.db.subscribers]
      const refused = await refuseDeletes(fixture.admin)
      await expect(fixture.db.query('DELETE FROM audit_log')).rejects.toMatchObject(refused)
      expect(heard.map(isReadOnlyError)).toEqual([true])
      fixture.node.beginFreeze()
      fixture.node.thaw()
      expect(fixture.db.subscribers).toEqual(before)
    })

    it.each([[[]], [[[]]]])(
      'knows of a transaction that begins in a text of several statements (without values: %j)',
      async (values) => {
        await client.query(`BEGIN; ${INSERT}`, ...values)
        fixture.node.beginFreeze()
        expect(fixture.node.gate.drain().inFlight).toBe(1)
        await client.query(INSERT)
        await client.query('COMMIT')
        expect(fixture.node.gate.drain()).toMatchObject({ inFlight: 0, unknown: 0 })
      },
    )

    it('names the caller in the stack of an error of the server', async () => {
      async function whoCalled(): Promise<unknown> {
        return await client.query('SELECT nothing FROM nowhere')
      }
      const error = await whoCalled().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: '42P01', stack: expect.stringContaining('whoCalled') })
    })

    it('keeps the callers of its query apart from what the driver makes of a configuration', async () => {
      const prepared = { text: 'SELECT $1::int AS one', values: [1] }
      await client.query(prepared)
      expect(Object.keys(prepared)).toEqual(['text', 'values'])
    })

    it('does not let its next user send what a query runner has announced', async () => {
      const { db, node, pool } = fixture
      let hold: Promise<void> | undefined
      let go = (): void => {}
      db.subscribers.push({ beforeQuery: () => hold })
      // Leaves a client in the pool, whose own connection the runner has then.
      await db.query('SELECT 1')
      const runner = db.createQueryRunner()
      await runner.startTransaction()
      await runner.query(INSERT)
      node.beginFreeze()
      hold = new Promise((resolve) => {
        go = resolve
      })
      const held = runner.query(INSERT).catch((error: unknown) => error)
      await turn()
      const left = await runner.connect()
      await runner.release()
      hold = undefined
      const next = await pool.connect()
      expect(next).toBe(left)
      await expect(next.query(INSERT)).rejects.toSatisfy(isReadOnlyError)
      await next.query('ROLLBACK')
      next.release()
      go()
      expect(await held).toSatisfy(isReadOnlyError)
    })

    it('counts a statement that had to wait for it once', async () => {
      const others = await Promise.all(Array.from({ length: POOL_SIZE - 1 }, () => fixture.pool.connect()))
      const write = fixture.db.query(postgresTarget.slowInsert(0.2))
      await eventually('it waits for a connection', () => fixture.pool.waitingCount === 1)
      for (const other of others) other.release()
      await turn()
      fixture.node.beginFreeze()
      expect(fixture.node.gate.drain().inFlight).toBe(1)
      await write
      expect(fixture.node.gate.drain()).toMatchObject({ inFlight: 0, unknown: 0 })
    })
  })
}
