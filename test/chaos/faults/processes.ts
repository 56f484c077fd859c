import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../../support/eventually.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'

const TAKEN_OVER_WITHIN_MS = 30_000
/** A process, on a machine that has other things to do. */
const STARTED_WITHIN_MS = 45_000
const BLOCKED_MS = 2000
/** Of a lease of 5 s. */
const WITHIN_LEASE_MS = 3000
const DAY_MS = 86_400_000

async function untilTakenOver({ observer }: World): Promise<void> {
  const isThawed = async (): Promise<boolean> => (await observer.status()).freezes.length === 0
  await eventually('the lost freeze is ended', isThawed, TAKEN_OVER_WITHIN_MS)
}

/** Faults of processes, and of their clocks. */
export const processFaults: readonly Fault[] = [
  {
    name: 'a node paused',
    async strike({ random, members }) {
      const { name, process } = random.pick(members)
      process.signal('SIGSTOP')
      const goOn = async (): Promise<void> => process.signal('SIGCONT')
      return { mayBeLate: [name], frozen: goOn, heal: goOn }
    },
  },
  {
    // A freeze that had to wait begins with a full lease, so a pause that is shorter than one costs nothing.
    name: 'the holder paused within its lease, after a long wait',
    async strike({ random, members, holder }) {
      const { name, process } = random.pick(members)
      process.signal('SIGSTOP')
      return {
        mayBeLate: [name],
        async frozen() {
          holder.process.signal('SIGSTOP')
          await delay(WITHIN_LEASE_MS)
          holder.process.signal('SIGCONT')
        },
        heal: async () => process.signal('SIGCONT'),
      }
    },
  },
  {
    name: 'a node killed',
    async strike({ random, members }) {
      const victim = random.pick(members)
      await victim.process.kill()
      return { heal: () => victim.restart() }
    },
  },
  {
    name: 'a node joins during the freeze',
    async strike({ random, members }) {
      const victim = random.pick(members)
      return { frozen: () => victim.restart(), heal: async () => {} }
    },
  },
  {
    // Its registration waits in the server while the cluster freezes without it.
    name: 'a node joins while the cluster freezes',
    async strike(world) {
      const { turnstile, closeTurnstile, openTurnstile, waitingAtTurnstile } = world.db.flavour
      const victim = world.random.pick(world.members)
      await victim.process.call('close').catch(() => {})
      const keeper = await world.db.connect('turnstile')
      for (const sql of turnstile) await keeper.query(sql)
      await keeper.query(closeTurnstile)
      const joined = victim.restart()
      joined.catch(() => {})
      const waits = async (): Promise<boolean> => (await world.query(waitingAtTurnstile)).length > 0
      await eventually('a node waits to be registered', waits, STARTED_WITHIN_MS)
      const open = async (): Promise<void> => void (await keeper.query(openTurnstile))
      return {
        frozen: open,
        async heal() {
          await open()
          await joined
          for (const sql of world.db.flavour.removeTurnstile) await keeper.query(sql)
          await keeper.end()
        },
      }
    },
  },
  {
    name: 'an event loop blocked',
    async strike({ random, members }) {
      const blocked = random.pick(members).process.call('blockEventLoop', BLOCKED_MS)
      return { heal: () => blocked }
    },
  },
  {
    name: 'clocks jump',
    async strike({ members }) {
      const shift = async (sign: number): Promise<void> => {
        await Promise.all(members.map(({ process }, index) => process.call('shiftClock', sign * (index - 1) * DAY_MS)))
      }
      await shift(1)
      return { frozen: () => shift(-1), heal: async () => {} }
    },
  },
  {
    name: 'a pool exhausted',
    async strike({ random, members }) {
      const occupied = random.pick(members).process.call('occupyPool', BLOCKED_MS)
      occupied.catch(() => {})
      await delay(100)
      return { heal: () => occupied.catch(() => {}) }
    },
  },
  {
    name: 'the holder killed',
    mayLoseFreeze: true,
    async strike(world) {
      return {
        async frozen() {
          await world.holder.process.kill()
          await untilTakenOver(world)
        },
        heal: () => world.holder.restart(),
      }
    },
  },
  {
    name: 'the holder paused past its lease',
    mayLoseFreeze: true,
    async strike(world) {
      const { process } = world.holder
      return {
        async frozen() {
          process.signal('SIGSTOP')
          await untilTakenOver(world)
          process.signal('SIGCONT')
        },
        heal: async () => process.signal('SIGCONT'),
      }
    },
  },
]
