import { setTimeout as delay } from 'node:timers/promises'
import { insertEntry } from '../../support/database.ts'
import { eventually } from '../../support/eventually.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'

/** Later than the lease of a node that was killed, so that nothing but the server can know of its statement. */
const RELEASED_AFTER_MS = 4000

interface HeldKey {
  readonly id: string
  /** Sends a statement until it waits: on a busy machine a node may be between two leases, and refuses. */
  waitedFor(send: () => Promise<unknown>): Promise<{ readonly isOver: Promise<unknown> }>
  release(): Promise<void>
}

/** A foreign transaction that has the key which a statement of an application then waits for, and gives it up later. */
async function heldKey(world: World): Promise<HeldKey> {
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
    async waitedFor(send) {
      let sent: Promise<unknown> | undefined
      const waits = async (): Promise<boolean> => {
        sent ??= send().finally(() => {
          sent = undefined
        })
        sent.catch(() => {})
        return (await world.query(waiting)).length > 0
      }
      await eventually('a statement waits for the key', waits, 30_000)
      return { isOver: Promise.resolve(sent).catch(() => {}) }
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
      await key.waitedFor(() => victim.process.call('write', insertEntry(key.id)))
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
      const { isOver } = await key.waitedFor(() => victim.process.call('write', insertEntry(key.id)))
      await isOver
      const released = delay(RELEASED_AFTER_MS).then(() => key.release())
      return { frozen: () => released, heal: () => released }
    },
  },
]
