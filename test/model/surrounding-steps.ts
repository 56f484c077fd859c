import type { Step } from './checker.ts'
import { copyWorld } from './copy-world.ts'
import { propose, write } from './database.ts'
import { ackWhenDrained } from './node-steps.ts'
import type { Scenario } from './scenario.ts'
import type { Database, World } from './world.ts'

/** What happens by itself: time, the network, the server, other programs, and what nodes do for holders that died. */
export function surroundingSteps(scenario: Scenario, world: World, copy: () => World): Step<World>[] {
  return [
    tick(scenario, copy()),
    ...statementSteps(scenario, world, copy),
    ...takeoverSteps(scenario, world, copy),
    ...fenceSteps(scenario, world, copy),
    ...failoverSteps(scenario, world, copy),
  ]
}

/** Time passes for everybody; whoever does nothing meanwhile is paused. */
function tick({ rules, times, boundedWrites }: Scenario, world: World): Step<World> {
  age(world.database, times.waitOut)
  if (world.standby !== null) age(world.standby, times.waitOut)
  for (const node of world.nodes) {
    node.lease = Math.max(0, node.lease - 1)
    if (node.lostFor !== null) node.lostFor = Math.min(times.freezeLease, node.lostFor + 1)
    if (node.beat !== null) node.beat.age = Math.min(times.nodeLeaseHere, node.beat.age + 1)
  }
  for (const holder of world.holders) holder.lease = Math.max(0, holder.lease - 1)
  if (boundedWrites) {
    for (const one of world.writes) one.age++
    world.writes = world.writes.filter((one) => one.age <= times.writeBound)
    for (const node of world.nodes) ackWhenDrained(rules.ackAfterDrain, world, node)
  }
  return { name: 'a tick', world }
}

function age({ nodes, freezes }: Database, waitOut: number): void {
  for (const node of nodes) node.lease = Math.max(-waitOut, node.lease - 1)
  for (const freeze of freezes) if (freeze.lease !== null) freeze.lease = Math.max(0, freeze.lease - 1)
}

function statementSteps({ rules, foreign, writes }: Scenario, before: World, copy: () => World): Step<World>[] {
  const steps: Step<World>[] = []
  if (foreign && before.writes.length < writes) {
    const world = copy()
    world.writes.push({ from: -1, life: 0, stage: 'on its way', age: 0, uncounted: true })
    steps.push({ name: 'a program without a guard sends a write', world })
  }
  for (const [index, { stage, from }] of before.writes.entries()) {
    const world = copy()
    const one = world.writes[index]
    if (one === undefined) continue
    const whose = from < 0 ? 'the foreign write' : `the write of node ${from + 1}`
    if (stage === 'on its way' && before.database.fences.length === 0) {
      one.stage = 'in the server'
      steps.push({ name: `${whose} reaches the server`, world })
      continue
    }
    world.writes.splice(index, 1)
    for (const node of world.nodes) ackWhenDrained(rules.ackAfterDrain, world, node)
    if (stage === 'on its way') steps.push({ name: `the fence refuses ${whose}`, world })
    else steps.push({ name: `${whose} COMMITS`, world, event: 'commit' })
  }
  return steps
}

/** A node that sees a lease over reads, decides and writes; any time may pass between. */
function takeoverSteps({ rules, times }: Scenario, before: World, copy: () => World): Step<World>[] {
  if (before.takeover === null) {
    if (!before.database.freezes.some(({ lease }) => lease !== null && lease <= 0)) return []
    const proposal = propose(before.database, { type: 'expire', by: 'a node', lockDelayMs: 0 }, rules)
    if (proposal === undefined) return []
    const world = copy()
    world.takeover = proposal
    return [{ name: 'a node sees that a lease is over', world }]
  }
  const world = copy()
  world.takeover = null
  const written = write(world.database, before.takeover, rules, times)
  return [{ name: `the takeover is ${written}`, world, event: written }]
}

function fenceSteps({ rules, fence }: Scenario, { database }: World, copy: () => World): Step<World>[] {
  if (!fence || !rules.janitor) return []
  const active = database.freezes.map(({ epoch }) => `fence ${epoch}`)
  const stale = database.fences.filter((name) => !active.includes(name) && name !== 'fence')
  // A fence that bears no epoch can only be told by there being no freeze at all.
  if (database.freezes.length === 0 && database.fences.includes('fence')) stale.push('fence')
  return stale.map((name) => {
    const world = copy()
    world.database.fences = database.fences.filter((other) => other !== name)
    return { name: `the janitor drops ${name}`, world }
  })
}

function failoverSteps({ failover }: Scenario, before: World, copy: () => World): Step<World>[] {
  if (!failover || before.failedOver || before.standby === null) return []
  const promoted = copy()
  if (promoted.standby !== null) promoted.database = promoted.standby
  promoted.database.identity = 'promoted'
  promoted.standby = null
  promoted.failedOver = true
  promoted.writes = promoted.writes.filter(({ stage }) => stage === 'on its way')
  const steps: Step<World>[] = [{ name: 'the standby takes over', world: promoted }]
  // Before the first change there is nothing to copy.
  if (!before.copied && before.database.nonce > 1) {
    const world = copy()
    world.standby = copyWorld(before).database
    world.copied = true
    steps.push({ name: 'the standby catches up', world })
  }
  return steps
}
