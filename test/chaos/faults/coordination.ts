import type { World } from '../world.ts'
import type { Fault } from './fault.ts'

const table = ({ db }: World, name: string): string => db.flavour.table(name)

/** The coordination tables as nobody should leave them. */
export const coordinationFaults: readonly Fault[] = [
  {
    name: 'the state deleted by hand',
    mayLoseFreeze: true,
    async strike(world) {
      const remove = async (): Promise<void> => void (await world.query(`DELETE FROM ${table(world, 'cluster')}`))
      return { frozen: remove, heal: async () => {} }
    },
  },
  {
    name: 'the nodes deleted by hand',
    async strike(world) {
      await world.query(`DELETE FROM ${table(world, 'node')}`)
      return { heal: async () => {} }
    },
  },
  {
    name: 'the epoch set back by hand',
    mayLoseFreeze: true,
    async strike(world) {
      const setBack = async (): Promise<void> =>
        void (await world.query(`UPDATE ${table(world, 'cluster')} SET epoch = 1, nonce = 'by hand'`))
      return { frozen: setBack, heal: async () => {} }
    },
  },
  {
    name: 'a restored backup with a freeze in it',
    async strike(world) {
      await world.query(
        `UPDATE ${table(world, 'cluster')} SET mode = 'read-only', database_identity = 'another', nonce = 'restored'`,
      )
      return { mayBeLate: [], heal: async () => {} }
    },
  },
  {
    name: 'a newer version of the tables appears',
    async strike(world) {
      await world.query(`INSERT INTO ${table(world, 'version')} VALUES (99, CURRENT_TIMESTAMP)`)
      return {
        async heal() {
          await world.query(`DELETE FROM ${table(world, 'version')} WHERE version = 99`)
        },
      }
    },
  },
]
