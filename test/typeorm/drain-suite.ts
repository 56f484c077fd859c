import { setTimeout as sleep } from 'node:timers/promises'
import { isReadOnlyError } from '@quiesce/core/adapter'
import { attachReadOnly } from '@quiesce/typeorm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { POOL_SIZE } from './fixture.ts'
import { createFrozenNode } from './frozen-node.ts'
import type { ServerFixture, ServerTarget } from './server-fixture.ts'
import type { TypeormModule } from './typeorm-module.ts'

/** What was admitted before a freeze is waited for or rolled back; nothing lands after `drained`. */
export function describeDrain(typeorm: TypeormModule, target: ServerTarget): void {
  describe(`drain on ${target.name}`, () => {
    let fixture: ServerFixture

    beforeEach(async () => {
      fixture = await target.open(typeorm)
    })
    afterEach(async () => {
      expect(await fixture.leaks()).toEqual([])
      await fixture[Symbol.asyncDispose]()
    })

    const settings = (): Promise<number> => fixture.settings()
    const insert = (name = 'x'): string => `INSERT INTO setting (name) VALUES ('${name}')`
    const isDrained = async (ms = 0): Promise<boolean> => {
      const drained = fixture.node.drained().then(() => true)
      return Promise.race([drained, sleep(ms, false)])
    }

    it('waits for a write that the server is still executing', async () => {
      const write = fixture.db.query(target.slowInsert(0.3))
      await sleep(50)
      fixture.node.beginFreeze()
      expect(await isDrained(20)).toBe(false)
      await write
      expect(await isDrained(20)).toBe(true)
      expect(await settings()).toBe(1)
    })

    it('waits for a write that is queued for a connection', async () => {
      const reads = Array.from({ length: POOL_SIZE }, () => fixture.db.query(target.sleep(0.3)))
      const write = fixture.db.query(insert())
      fixture.node.beginFreeze()
      expect(await isDrained(20)).toBe(false)
      await Promise.all([...reads, write])
      expect(await isDrained(20)).toBe(true)
      expect(await settings()).toBe(1)
    })

    it('does not wait for reads', async () => {
      const read = fixture.db.query(target.sleep(0.3))
      fixture.node.beginFreeze()
      expect(await isDrained(20)).toBe(true)
      await read
    })

    it('does not count a write that never got a connection as unknown', async () => {
      const reason = fixture.refuseToWait()
      const reads = Array.from({ length: POOL_SIZE }, () => fixture.db.query(target.sleep(0.3)))
      await expect(fixture.db.query(insert())).rejects.toThrow(reason)
      expect(fixture.node.gate.drain().unknown).toBe(0)
      await Promise.all(reads)
    })

    it('counts a write whose connection was lost as unknown', async () => {
      const write = fixture.db.query(target.slowInsert(5)).catch((error: unknown) => error)
      await sleep(50)
      await fixture.cutAll()
      expect(await write).toBeInstanceOf(Error)
      expect(fixture.node.gate.drain().unknown).toBe(1)
      fixture.node.gate.forgetUnknown(fixture.node.gate.unknownWrites())
    })

    it('lets a transaction that has written go on and commit', async () => {
      const runner = fixture.db.createQueryRunner()
      await runner.startTransaction()
      await runner.query(insert('before'))
      fixture.node.beginFreeze()
      await runner.manager.getRepository('Setting').save({ name: 'after' })
      expect(await isDrained(20)).toBe(false)
      await runner.commitTransaction()
      await runner.release()
      expect(await isDrained(20)).toBe(true)
      expect(await settings()).toBe(2)
    })

    it('refuses the first write of a transaction that has only read, and does not wait for it', async () => {
      const runner = fixture.db.createQueryRunner()
      await runner.startTransaction()
      await runner.query('SELECT * FROM setting')
      fixture.node.beginFreeze()
      expect(await isDrained(20)).toBe(true)
      await expect(runner.query(insert())).rejects.toSatisfy(isReadOnlyError)
      // Early, in the application's own words.
      await expect(runner.manager.save('Setting', { name: 'x' })).rejects.toMatchObject({ model: 'Setting' })
      await expect(runner.query('SELECT * FROM setting')).resolves.toHaveLength(1)
      await runner.commitTransaction()
      await runner.release()
    })

    it('refuses what a transaction writes whose BEGIN was in flight at the flip', async () => {
      const runner = fixture.db.createQueryRunner()
      const begun = runner.startTransaction()
      fixture.node.beginFreeze()
      await begun
      await expect(runner.query(insert())).rejects.toSatisfy(isReadOnlyError)
      await runner.rollbackTransaction()
      await runner.release()
    })

    it('rolls back a transaction whose COMMIT comes past the deadline', async () => {
      const written = fixture.db.transaction(async (manager) => {
        await manager.query(insert())
        fixture.node.beginFreeze(50)
        await fixture.node.drained()
        await sleep(20)
      })
      await expect(written).rejects.toMatchObject({ kind: 'QUIESCE_READ_ONLY', because: 'drain-deadline' })
      expect(await settings()).toBe(0)
    })

    it('rolls back a transaction that a raw client has begun and left open past the deadline', async () => {
      const runner = fixture.db.createQueryRunner()
      const client = await fixture.clientOf(runner)
      await client.query('BEGIN')
      await client.query(insert())
      fixture.node.beginFreeze(50)
      expect(await isDrained(10)).toBe(false)
      await fixture.node.drained()
      await sleep(20)
      await expect(client.query(insert())).rejects.toSatisfy(isReadOnlyError)
      await expect(client.query('COMMIT')).rejects.toSatisfy(isReadOnlyError)
      await client.query('ROLLBACK')
      await runner.release()
      expect(await settings()).toBe(0)
    })

    it('takes what the runner and its raw client send for one transaction', async () => {
      const runner = fixture.db.createQueryRunner()
      await runner.startTransaction()
      const client = await fixture.clientOf(runner)
      await client.query(insert('client'))
      fixture.node.beginFreeze()
      await runner.query(insert('runner'))
      await runner.commitTransaction()
      await runner.release()
      expect(await isDrained(20)).toBe(true)
      expect(await settings()).toBe(2)
    })

    it('keeps the outer transaction open at the end of a nested one', async () => {
      const runner = fixture.db.createQueryRunner()
      await runner.startTransaction()
      await runner.startTransaction()
      await runner.query(insert())
      fixture.node.beginFreeze()
      await runner.commitTransaction()
      expect(await isDrained(20)).toBe(false)
      await runner.commitTransaction()
      await runner.release()
      expect(await isDrained(20)).toBe(true)
    })

    it('holds a write back until the node has joined', async () => {
      await using other = await target.open(typeorm, { attach: () => {} })
      const node = createFrozenNode()
      attachReadOnly(node.cluster, other.db)
      const runner = other.db.createQueryRunner()
      const client = await other.clientOf(runner)
      let written = 0
      const note = (): void => {
        written += 1
      }
      const writes = [
        other.db.query(insert()).then(note),
        client.query(insert()).then(note),
        other.queryPool(insert()).then(note),
      ]
      await other.db.query('SELECT 1')
      await sleep(50)
      expect(written).toBe(0)
      node.join()
      await Promise.all(writes)
      await runner.release()
    })
  })
}
