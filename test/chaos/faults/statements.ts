import { setTimeout as delay } from 'node:timers/promises'
import { insertEntry } from '../../support/database.ts'
import { eventually } from '../../support/eventually.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'

/** Later than the lease of a node that was killed, so that nothing but the server can know of its statement. */
const RELEASED_AFTER_MS = 4000

/** A foreign transaction that has the key which a statement of an application then waits for, and gives it up later. */
async function heldKey(
  world: World,
): Promise<{ readonly id: string; waitedFor(): Promise<void>; release(): Promise<void> }> {
  const id = crypto.randomUUID()
  const rival = await world.db.connect('rival')
  for (const sql of world.db.flavour.begin('READ COMMITTED')) await rival.query(sql)
  await rival.query(insertEntry(id))
  const waiting =
    world.kind === 'postgres'
      ? `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${id}%' AND pid <> pg_backend_pid()`
      : `SELECT 1 FROM information_schema.processlist WHERE info LIKE '%INSERT%${id}%' AND info NOT LIKE '%processlist%'`
  return {
    id,
    async waitedFor() {
      await eventually('a statement waits for the key', async () => (await world.query(waiting)).length > 0)
    },
    async release() {
      await rival.query('ROLLBACK').catch(() => {})
      await rival.end().catch(() => {})
    },
  }
}

/** Statements that live on in the server although nobody waits for them. */
export const statementFaults: readonly Fault[] = [
  {
    name: 'an orphaned statement waits for a lock',
    async strike(world) {
      const victim = world.random.pick(world.members)
      const key = await heldKey(world)
      victim.process.call('write', insertEntry(key.id)).catch(() => {})
      await key.waitedFor()
      await victim.process.kill()
      const released = delay(RELEASED_AFTER_MS).then(() => key.release())
      return {
        frozen: () => released,
        async heal() {
          await released
          await victim.restart()
        },
      }
    },
  },
  {
    name: 'a driver gives up on a statement',
    async strike(world) {
      const victim = world.members.find(({ name }) => name === 'driver') ?? world.random.pick(world.members)
      const key = await heldKey(world)
      const gaveUp = victim.process.call('write', insertEntry(key.id)).catch(() => {})
      await key.waitedFor()
      await gaveUp
      const released = delay(RELEASED_AFTER_MS).then(() => key.release())
      return { frozen: () => released, heal: () => released }
    },
  },
]
