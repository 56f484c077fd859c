import { modeOf } from '../../packages/core/src/domain/mode.ts'
import type { Invariant, Machine } from './checker.ts'
import { copyWorld } from './copy-world.ts'
import { holderSteps } from './holder-steps.ts'
import { newNode, nodeSteps } from './node-steps.ts'
import { rules } from './rules.ts'
import { type Scenario, times } from './scenario.ts'
import { surroundingSteps } from './surrounding-steps.ts'
import type { Database, World } from './world.ts'

/** One node, one job, nothing goes wrong unless it is asked for. */
export const plain: Scenario = {
  ...{ rules, times, holders: 1, nodes: 1, lives: 1, writes: 1 },
  ...{
    renews: true,
    thaws: true,
    holderDies: false,
    failover: false,
    fence: false,
    foreign: false,
    boundedWrites: true,
  },
}

/** The protocol as a machine that can be explored. */
export function protocol(scenario: Scenario): Machine<World> {
  const database: Database = {
    ...{ identity: 'first', epoch: 1, nonce: 1, owner: 'first', mode: 'read-write' },
    ...{ freezes: [], nodes: [], fences: [] },
  }
  const initial: World = {
    database,
    standby: scenario.failover ? database : null,
    copied: false,
    failedOver: false,
    nodes: Array.from({ length: scenario.nodes }, () => newNode(1)),
    holders: Array.from({ length: scenario.holders }, (_, place) => ({
      ...{ name: `job ${place + 1}`, step: 'idle', epoch: 0, lease: 0, thaw: null },
    })),
    writes: [],
    takeover: null,
  }
  return {
    initial,
    steps(world) {
      const copy = (): World => copyWorld(world)
      return [
        ...world.nodes.flatMap((_, place) => nodeSteps(scenario, world, place, copy)),
        ...world.holders.flatMap((_, place) => holderSteps(scenario, world, place, copy)),
        ...surroundingSteps(scenario, world, copy),
      ]
    },
  }
}

const believed = ({ holders }: World): boolean => holders.some(({ step, lease }) => step === 'frozen' && lease > 0)

/** S1: no protected write commits while somebody is entitled to believe that the cluster is frozen. */
const noLateCommit: Invariant<World> = {
  name: 'S1 no protected write commits in a freeze',
  broken: (world, event) => event === 'commit' && believed(world),
}

/** S2: nobody ends a freeze but its holder, its lease, or the loss of the database's state. */
const nobodyElseEndsIt: Invariant<World> = {
  name: 'S2 a freeze that is held is there',
  broken: ({ database, holders, failedOver }) =>
    !failedOver &&
    holders.some(
      ({ name, step, lease, epoch }) =>
        step === 'frozen' &&
        lease > 0 &&
        !database.freezes.some((freeze) => freeze.id === name && freeze.epoch === epoch),
    ),
}

const epochsAreUnique: Invariant<World> = {
  name: 'S2 an epoch names one state',
  broken: (_, event) => event === 'epoch repeated',
}

const modeFollows: Invariant<World> = {
  name: 'S2 the mode follows from the freezes',
  broken: ({ database }) => database.mode !== modeOf(database.freezes),
}

export const invariants: readonly Invariant<World>[] = [noLateCommit, nobodyElseEndsIt, epochsAreUnique, modeFollows]

/** L1: from everywhere the cluster can come back to taking writes. */
export const writesComeBack = {
  name: 'L1 writes can come back',
  reached: ({ database, nodes }: World): boolean =>
    database.freezes.length === 0 &&
    database.fences.length === 0 &&
    database.mode === 'read-write' &&
    nodes.every(({ gate, lease }) => gate === 'read-write' && lease > 0),
}
