import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { attachReadOnly } from '@quiesce/typeorm'
import pg, { type PoolClient } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fixture, openFixture } from './fixture.ts'
import { createFrozenNode } from './frozen-node.ts'
import type { TypeormModule } from './typeorm-module.ts'

const INSERT = `INSERT INTO setting (name) VALUES ('x')`
const STREAM = 'INSERT INTO setting (name) SELECT generate_series(1, 500)::text RETURNING *'

/** The drain of what only PostgreSQL and its driver have. */
export function describePostgresDrain(typeorm: TypeormModule): void {
  describe('drain of what is particular to PostgreSQL', () => {
    let fixture: Fixture

    beforeEach(async () => {
      fixture = await openFixture(typeorm)
    })
    afterEach(async () => {
      expect(await fixture.leaks()).toEqual([])
      await fixture[Symbol.asyncDispose]()
    })

    const isDrained = async (ms = 0): Promise<boolean> => {
      const drained = fixture.node.drained().then(() => true)
      return Promise.race([drained, sleep(ms, false)])
    }

    it('waits for a COMMIT that was sent before the deadline and is answered after it', async () => {
      await fixture.admin.query(`
        CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.4); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON setting DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION slow()`)
      const runner = fixture.db.createQueryRunner()
      await runner.startTransaction()
      await runner.query(INSERT)
      fixture.node.beginFreeze(100)
      const committed = runner.commitTransaction()
      await fixture.node.drained()
      const before = await fixture.settings()
      await committed
      await runner.release()
      expect(await fixture.settings()).toBe(before)
    })

    it('waits for a stream that writes until it has ended', async () => {
      const runner = fixture.db.createQueryRunner()
      const stream = await runner.stream(STREAM)
      fixture.node.beginFreeze()
      expect(await isDrained(50)).toBe(false)
      stream.resume()
      await fixture.node.drained()
      expect(await fixture.settings()).toBe(500)
      await runner.release()
    })

    it('ends with a stream that is destroyed', async () => {
      const runner = fixture.db.createQueryRunner()
      const stream = await runner.stream(STREAM)
      fixture.node.beginFreeze()
      stream.destroy()
      await fixture.node.drained()
      await runner.release()
    })

    it('holds a statement that talks to the connection itself back until the node has joined', async () => {
      await using other = await openFixture(typeorm, { attach: () => {} })
      const node = createFrozenNode()
      attachReadOnly(node.cluster, other.db)
      const runner = other.db.createQueryRunner()
      const client: PoolClient = await runner.connect()
      let isWritten = false
      const write = once(client.query(new pg.Query(INSERT)), 'end').then(() => {
        isWritten = true
      })
      await sleep(50)
      expect(isWritten).toBe(false)
      node.join()
      await write
      await runner.release()
    })
  })
}
