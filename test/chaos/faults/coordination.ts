import { setTimeout as delay } from 'node:timers/promises'
import { machineMs } from '../../apps/attempt-log.ts'
import { NODE_LEASE_MS, type World } from '../world.ts'
import type { Fault } from './fault.ts'

const SEEN_WITHIN_MS = 1000

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
      // Each notices at its next heartbeat, and refuses writes when its lease is over at the latest.
      return { unknownUntil: machineMs() + NODE_LEASE_MS, heal: async () => {} }
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
    // As a failover that lost commits, or a backup that was restored under a running cluster.
    name: 'the state from before the freeze restored',
    mayLoseFreeze: true,
    async strike(world) {
      const [cluster, freeze] = [table(world, 'cluster'), table(world, 'freeze')]
      const [before = {}] = await world.query(`SELECT epoch, nonce FROM ${cluster}`)
      return {
        async frozen() {
          const restorer = await world.db.connect('restore')
          for (const sql of [
            'BEGIN',
            `DELETE FROM ${freeze} WHERE epoch > ${before['epoch']}`,
            `UPDATE ${cluster} SET epoch = ${before['epoch']}, nonce = '${before['nonce']}', mode = 'read-write'`,
            'COMMIT',
          ])
            await restorer.query(sql)
          await restorer.end()
          // Every node has seen it by then.
          await delay(SEEN_WITHIN_MS)
        },
        heal: async () => {},
      }
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
