import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../../support/eventually.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'

const TAKEN_OVER_WITHIN_MS = 30_000
const BLOCKED_MS = 2000
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
