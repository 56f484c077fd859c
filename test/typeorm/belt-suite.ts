import { isReadOnlyError } from '@quiesce/core/adapter'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServerFixture, ServerTarget } from './server-fixture.ts'
import type { TypeormModule } from './typeorm-module.ts'

/** What the belt needs of a database: a function that writes although it is called by a SELECT. */
export interface BeltTarget {
  readonly target: ServerTarget
  readonly createFunction: string
  readonly call: string
  /** Whether the session of a connection is read-only. */
  readonly isReadOnly: string
}

/** The server refuses what the text of a statement doesn't tell. */
export function describeBelt(typeorm: TypeormModule, { target, createFunction, call, isReadOnly }: BeltTarget): void {
  describe(`sessions on ${target.name} while the cluster is read-only`, () => {
    let fixture: ServerFixture

    beforeAll(async () => {
      fixture = await target.open(typeorm, { exempt: { core_session: true }, belt: true })
      await fixture.db.query(createFunction)
      await fixture.db.query(call)
      expect(await fixture.settings()).toBe(1)
    })
    afterAll(() => fixture?.[Symbol.asyncDispose]())

    it('refuse a function that writes in a SELECT, by every way to the driver', async () => {
      const { db, node } = fixture
      await node.freeze()
      const before = await fixture.settings()
      const refused = { kind: 'QUIESCE_READ_ONLY', operation: 'statement', because: 'freeze', freezeId: node.freezeId }
      await expect(db.query(call)).rejects.toMatchObject(refused)
      await expect(fixture.queryPool(call)).rejects.toThrow()
      const runner = db.createQueryRunner()
      const client = await fixture.clientOf(runner)
      await expect(client.query(call)).rejects.toThrow()
      await runner.release()
      expect(await fixture.settings()).toBe(before)
      expect(await fixture.leaks()).toEqual([])
    })

    it('let reads, exempt writes and transactions with exempt writes pass', async () => {
      const { db } = fixture
      const sessions = db.getRepository('CoreSession')
      const before = await sessions.count()
      await sessions.insert({ name: 'alone' })
      await db.transaction(async (manager) => {
        await manager.getRepository('CoreSession').count()
        await manager.getRepository('CoreSession').insert({ name: 'in a transaction' })
      })
      await db.query('SELECT * FROM core_session FOR UPDATE')
      expect(await sessions.count()).toBe(before + 2)
      await expect(db.getRepository('Setting').insert({ name: 'x' })).rejects.toSatisfy(isReadOnlyError)
      expect(fixture.node.warnings).toEqual([])
    })

    it('are switched once, and back before the next write after the thaw (catches a connection that stays read-only)', async () => {
      const { db, node } = fixture
      const runner = db.createQueryRunner()
      const state = async (): Promise<unknown> => Object.values((await runner.query(isReadOnly))[0])[0]
      expect([await state(), await state()].map(String)).toEqual([expect.stringMatching(/^(on|1)$/), expect.anything()])
      node.thaw()
      expect(String(await state())).toMatch(/^(off|0)$/)
      await runner.release()
      const before = await fixture.settings()
      await Promise.all(Array.from({ length: 8 }, (_, n) => db.getRepository('Setting').insert({ name: `after ${n}` })))
      await db.query(call)
      expect(await fixture.settings()).toBe(before + 9)
    })

    it('keep the order of statements that one connection is given at once', async () => {
      const { db, node } = fixture
      await db.query("INSERT INTO core_session (name) VALUES ('x')")
      await node.freeze()
      const runner = db.createQueryRunner()
      const client = await fixture.clientOf(runner)
      const [, , rows] = await Promise.all([
        client.query("INSERT INTO core_session (name) VALUES ('first')"),
        client.query("UPDATE core_session SET name = 'second' WHERE name = 'first'"),
        runner.query("SELECT name FROM core_session WHERE name = 'second'"),
      ])
      expect(rows).toHaveLength(1)
      await runner.release()
      node.thaw()
    })
  })
}
