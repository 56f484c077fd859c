import { distrust } from '../../packages/core/src/domain/health.ts'
import type { Step } from './checker.ts'
import { propose, snapshotOf, write } from './database.ts'
import type { Scenario } from './scenario.ts'
import type { NodeProcess, Reading, World } from './world.ts'

/** What the process in one node's place can do. */
export function nodeSteps(scenario: Scenario, world: World, place: number, copy: () => World): Step<World>[] {
  const node = world.nodes[place]
  if (node === undefined) return []
  const name = `node ${place + 1}`
  return [
    ...joinSteps(scenario, node, place, copy, name),
    ...beatSteps(scenario, world, node, place, copy, name),
    ...writeSteps(scenario, world, node, place, copy, name),
    ...adoptSteps(scenario, world, node, place, copy, name),
    ...crashSteps(scenario, node, place, copy, name),
  ]
}

function joinSteps(
  { rules, times }: Scenario,
  node: NodeProcess,
  place: number,
  copy: () => World,
  name: string,
): Step<World>[] {
  if (node.registered || (!rules.registerFirst && node.gate === 'starting' && node.beat === null)) {
    return node.registered ? [] : [readFirst(copy, place, name)]
  }
  const world = copy()
  const joining = nodeAt(world, place)
  joining.id ??= `${place}.${rules.freshNodeIds ? node.lives : 0}`
  joining.registered = true
  const { nodes } = world.database
  const row = nodes.find(({ id }) => id === joining.id)
  if (row === undefined) nodes.push({ id: joining.id, acked: 0, lease: times.nodeLease })
  else row.lease = times.nodeLease
  return [{ name: `${name} registers`, world }]
}

/** The broken way: look at the mode before anybody could wait for this node. */
function readFirst(copy: () => World, place: number, name: string): Step<World> {
  const world = copy()
  nodeAt(world, place).beat = { age: 0, acked: 0, reading: null }
  return { name: `${name} asks for the mode before it registers`, world }
}

function beatSteps(
  scenario: Scenario,
  { database }: World,
  node: NodeProcess,
  place: number,
  copy: () => World,
  name: string,
): Step<World>[] {
  const world = copy()
  const beating = nodeAt(world, place)
  if (node.beat === null) {
    if (!node.registered) return []
    beating.beat = { age: 0, acked: node.acked, reading: null }
    return [{ name: `${name} sends a heartbeat`, world }]
  }
  const { beat } = beating
  if (beat === null) return []
  if (node.beat.reading !== null) {
    apply(scenario, world, beating, beat.age, node.beat.reading)
    return [{ name: `${name} applies the answer (${node.beat.reading.mode})`, world }]
  }
  const row = world.database.nodes.find(({ id }) => id === node.id)
  if (row !== undefined) {
    row.lease = scenario.times.nodeLease
    row.acked = beat.acked
  }
  const snapshot = snapshotOf(database, scenario.rules)
  beat.reading = {
    epoch: database.epoch,
    mode: database.mode,
    believable: distrust(snapshot, { ...snapshot.token, epoch: String(node.epoch) }) === undefined,
    registered: row !== undefined || !node.registered,
  }
  return [{ name: `the database answers ${name}'s heartbeat`, world }]
}

function apply({ rules, times }: Scenario, world: World, node: NodeProcess, age: number, reading: Reading): void {
  node.beat = null
  if (!reading.believable) {
    node.gate = 'shut'
    node.lostFor ??= 0
    return
  }
  if (!reading.registered) {
    node.gate = 'shut'
    node.registered = false
    return
  }
  node.lease = Math.max(0, times.nodeLeaseHere - (rules.leaseFromSend ? age : 0))
  node.gate = reading.mode
  node.epoch = reading.epoch
  node.lostFor = null
  ackWhenDrained(rules.ackAfterDrain, world, node)
}

/** Acks as soon as nothing is in flight that the mode forbids. */
export function ackWhenDrained(afterDrain: boolean, { nodes, writes }: World, node: NodeProcess): void {
  if (node.gate === 'starting' || node.gate === 'shut') return
  const place = nodes.indexOf(node)
  const inFlight = writes.some(({ from, life, uncounted }) => from === place && life === node.lives && !uncounted)
  if (node.gate === 'read-write' || !inFlight || !afterDrain) node.acked = node.epoch
}

function writeSteps(
  { rules, writes }: Scenario,
  before: World,
  node: NodeProcess,
  place: number,
  copy: () => World,
  name: string,
): Step<World>[] {
  const open = node.gate === 'read-write' && (node.lease > 0 || !rules.nodeChecksLease)
  const steps: Step<World>[] = []
  if (open && before.writes.length < writes) {
    const world = copy()
    world.writes.push({ from: place, life: node.lives, stage: 'on its way', age: 0, uncounted: false })
    steps.push({ name: `${name} admits a write and sends it`, world })
  }
  const waiting = before.writes.findIndex(
    ({ from, life, uncounted }) => from === place && life === node.lives && !uncounted,
  )
  if (!rules.unknownStaysInFlight && waiting >= 0) {
    const world = copy()
    const given = world.writes[waiting]
    if (given !== undefined) given.uncounted = true
    ackWhenDrained(rules.ackAfterDrain, world, nodeAt(world, place))
    steps.push({ name: `${name} gives up waiting for its write and forgets it`, world })
  }
  return steps
}

/** A state that was lost is made anew by whoever has not believed it for a holder's lease. */
function adoptSteps(
  { rules, times }: Scenario,
  { database }: World,
  node: NodeProcess,
  place: number,
  copy: () => World,
  name: string,
): Step<World>[] {
  if (node.lostFor === null || (rules.adoptAfterLease && node.lostFor < times.freezeLease)) return []
  if (distrust(snapshotOf(database, rules), undefined) === undefined && database.epoch >= node.epoch) return []
  const world = copy()
  const proposal = propose(world.database, { type: 'adopt', by: name, seenEpoch: String(node.epoch) }, rules)
  if (proposal === undefined) return []
  write(world.database, proposal, rules, times)
  nodeAt(world, place).lostFor = null
  return [{ name: `${name} makes the lost state anew`, world }]
}

function crashSteps(
  { rules, lives }: Scenario,
  node: NodeProcess,
  place: number,
  copy: () => World,
  name: string,
): Step<World>[] {
  if (node.lives >= lives || node.id === null) return []
  const world = copy()
  world.nodes[place] = newNode(node.lives + 1, rules.freshNodeIds ? null : node.id)
  return [{ name: `${name} crashes`, world }]
}

/** A process that has just started. */
export function newNode(lives: number, id: string | null = null): NodeProcess {
  return {
    ...{ id, lives, registered: false, gate: 'starting', epoch: 0, acked: 0, lease: 0 },
    ...{ beat: null, lostFor: null },
  }
}

function nodeAt(world: World, place: number): NodeProcess {
  const node = world.nodes[place]
  if (node === undefined) throw new Error(`There is no node ${place}.`)
  return node
}
