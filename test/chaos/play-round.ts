import { setTimeout as delay } from 'node:timers/promises'
import { machineMs } from '../apps/attempt-log.ts'
import { eventually } from '../support/eventually.ts'
import type { Fault, Strike } from './faults/fault.ts'
import { recover } from './recover.ts'
import type { ResolvedFreeze, Round } from './round.ts'
import { within } from './within.ts'
import type { World } from './world.ts'

const ANSWERS_WITHIN_MS = 30_000
const FAULT_WITHIN_MS = 60_000
const DRAIN_TIMEOUT_MS = 3000
const ACK_TIMEOUT_MS = 10_000

/** Which round it is, and whether its freeze has a fence. */
export interface RoundPlan {
  readonly number: number
  readonly fenced: boolean
}

/** One fault, a freeze while it lasts, and what the cluster comes to afterwards. */
export async function playRound(world: World, fault: Fault, { number, fenced }: RoundPlan): Promise<Round> {
  const { random } = world
  const [wait, frozenFor] = [random.between(0, 120), random.between(100, 400)]
  const startedAt = machineMs()
  const strike = await within(FAULT_WITHIN_MS, fault.name, fault.strike(world))
  await delay(wait)
  let freeze: Round['freeze']
  let failure: string | undefined
  let thawMs: number | undefined
  try {
    freeze = await freezeDuring(world, fault, { number, fenced })
    await within(FAULT_WITHIN_MS, `${fault.name}, resolved`, strike.resolved?.() ?? Promise.resolve())
  } catch (error) {
    failure = String(error)
  }
  if (freeze !== undefined) {
    thawMs = await within(FAULT_WITHIN_MS, `${fault.name}, frozen`, whileFrozen(world, freeze.id, strike, frozenFor))
  }
  await within(FAULT_WITHIN_MS, `the end of ${fault.name}`, strike.heal())
  const recovery = await recover(world)
  strike.cleanUp?.()
  const { mayBeLate = [], unknownUntil } = strike
  const tookMs = machineMs() - startedAt
  return {
    number,
    fault: fault.name,
    freeze,
    failure,
    mayBeLate,
    unknownUntil,
    mayLoseFreeze: fault.mayLoseFreeze ?? false,
    lapse: strike.lapse?.(),
    recovery,
    thawMs,
    tookMs,
  }
}

async function freezeDuring({ holder }: World, fault: Fault, { number, fenced }: RoundPlan): Promise<ResolvedFreeze> {
  const asked = holder.process.call('freeze', {
    reason: `round ${number}`,
    fence: fenced ? 'auto' : 'off',
    drainTimeoutMs: DRAIN_TIMEOUT_MS,
    ackTimeoutMs: ACK_TIMEOUT_MS,
    terminateBlockers: true,
    ...fault.freeze,
  })
  const { id, guarantee, timings } = await within(ANSWERS_WITHIN_MS, 'freeze()', asked)
  return { id, guarantee, resolvedAt: machineMs(), timings }
}

async function whileFrozen(world: World, id: string, strike: Strike, frozenForMs: number): Promise<number | undefined> {
  await mark(world, 'resolved', id)
  await strike.frozen?.()
  await delay(frozenForMs)
  await mark(world, 'thawing', id)
  const startedAt = machineMs()
  // Whatever hinders it, the recovery is judged.
  return within(ANSWERS_WITHIN_MS, 'thaw()', world.holder.process.call('thaw')).then(
    () => machineMs() - startedAt,
    () => undefined,
  )
}

/** Writes into the log of commits where the freeze stands; the server may be on its way back. */
async function mark({ query }: World, name: 'resolved' | 'thawing', freeze: string): Promise<void> {
  await eventually(
    `the mark ${name}`,
    () =>
      query(`INSERT INTO mark (name, freeze_id) VALUES ('${name}', '${freeze}')`).then(
        () => true,
        () => false,
      ),
    ANSWERS_WITHIN_MS,
  )
}
