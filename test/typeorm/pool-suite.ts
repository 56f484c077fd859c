import { isReadOnlyError } from '@quiesce/core/adapter'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { POOL_SIZE } from './fixture.ts'
import { refusalOf } from './matrix-suite.ts'
import { schemaOperations } from './operations-below-orm.ts'
import type { ServerFixture, ServerTarget } from './server-fixture.ts'
import type { TypeormModule } from './typeorm-module.ts'

/** What refusals do to a pool of connections: nothing. */
export function describePool(typeorm: TypeormModule, target: ServerTarget): void {
  describe(`the pool of a cluster on ${target.name} that is read-only`, () => {
    let fixture: ServerFixture

    beforeAll(async () => {
      fixture = await target.open(typeorm)
      await fixture.node.freeze()
    })
    afterAll(() => fixture?.[Symbol.asyncDispose]())
    afterEach(async () => {
      expect(await fixture.leaks()).toEqual([])
    })

    it('gives no connection to what is refused', async () => {
      let taken = 0
      const note = (): void => {
        taken += 1
      }
      fixture.pool.on('acquire', note)
      const runner = fixture.db.createQueryRunner()
      await expect(runner.query('DELETE FROM setting')).rejects.toSatisfy(isReadOnlyError)
      await expect(runner.stream('DELETE FROM setting')).rejects.toSatisfy(isReadOnlyError)
      if (target.refusesAtPool)
        await expect(fixture.queryPool('DELETE FROM setting')).rejects.toSatisfy(isReadOnlyError)
      await runner.release()
      fixture.pool.off('acquire', note)
      expect(taken).toBe(0)
    })

    it('keeps every connection usable after more refusals than it has', async () => {
      for (const operation of [...schemaOperations(typeorm), ...target.clients]) {
        for (let round = 0; round <= POOL_SIZE; round += 1) await refusalOf(fixture, operation)
      }
      await Promise.all(Array.from({ length: POOL_SIZE }, () => fixture.db.query(target.sleep(0.01))))
    })
  })
}
