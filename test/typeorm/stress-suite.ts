import { setTimeout as sleep } from 'node:timers/promises'
import { isReadOnlyError } from '@quiesce/core/adapter'
import { describe, expect, it } from 'vitest'
import type { ServerTarget } from './server-fixture.ts'
import type { TypeormModule } from './typeorm-module.ts'

const ROUNDS = 20
const WRITERS = 8

/** Flips at random under load: no row lands after `drained`, and every acknowledged row is there. */
export function describeStress(typeorm: TypeormModule, target: ServerTarget): void {
  describe(`flips under load on ${target.name}`, () => {
    it(`lets no row of ${WRITERS} writers land after drained, in ${ROUNDS} flips`, async () => {
      await using fixture = await target.open(typeorm)
      const { db, node } = fixture
      const count = (): Promise<number> => fixture.settings()
      const ways: readonly (() => Promise<number>)[] = [
        async () => {
          await db.getRepository('Setting').save({ name: 'row' })
          return 1
        },
        async () => {
          await db.query("INSERT INTO setting (name) VALUES ('row')")
          return 1
        },
        () =>
          db.transaction(async (manager) => {
            await manager.query("INSERT INTO setting (name) VALUES ('row')")
            await sleep(Math.random() * 4)
            await manager.getRepository('Setting').insert({ name: 'row' })
            return 2
          }),
        async () => {
          await fixture.queryPool("INSERT INTO setting (name) VALUES ('row')")
          return 1
        },
      ]
      let acknowledged = 0
      let refused = 0
      let isOver = false
      const writers = Array.from({ length: WRITERS }, async () => {
        while (!isOver) {
          const write = ways[Math.floor(Math.random() * ways.length)]
          try {
            const rows = (await write?.()) ?? 0
            acknowledged += rows
          } catch (error) {
            if (!isReadOnlyError(error)) throw error
            refused += 1
            await sleep(1)
          }
        }
      })
      const late: number[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        await sleep(Math.random() * 30)
        await node.freeze()
        const drained = await count()
        await sleep(Math.random() * 30)
        late.push((await count()) - drained)
        node.thaw()
      }
      isOver = true
      await Promise.all(writers)
      expect(late).toEqual(late.map(() => 0))
      expect(await count()).toBe(acknowledged)
      expect(acknowledged).toBeGreaterThan(ROUNDS)
      expect(refused).toBeGreaterThan(ROUNDS)
      expect(await fixture.leaks()).toEqual([])
    })
  })
}
