import type { Step } from './checker.ts'
import { freezeOf, propose, write } from './database.ts'
import type { Scenario } from './scenario.ts'
import type { Holder, World } from './world.ts'

/** What one job can do: freeze, wait, fence, thaw, or die in between. */
export function holderSteps(scenario: Scenario, world: World, place: number, copy: () => World): Step<World>[] {
  const holder = world.holders[place]
  if (holder === undefined || holder.step === 'done' || holder.step === 'dead') return []
  const change = (name: string, work: (after: World, holder: Holder) => boolean): Step<World>[] => {
    const after = copy()
    const changed = after.holders[place]
    return changed !== undefined && work(after, changed) ? [{ name: `${holder.name} ${name}`, world: after }] : []
  }
  if (holder.step === 'idle') return change('begins its freeze', (after, h) => begin(scenario, after, h))
  const steps = [...forwards(scenario, world, holder, change)]
  if (scenario.holderDies) steps.push(...change('dies', (_, h) => die(h)))
  if (scenario.renews && holder.step !== 'lifting')
    steps.push(...change('renews its lease', (after, h) => renew(scenario, after, h)))
  return steps
}

type Change = (name: string, work: (after: World, holder: Holder) => boolean) => Step<World>[]

function forwards(scenario: Scenario, world: World, holder: Holder, change: Change): Step<World>[] {
  switch (holder.step) {
    case 'waiting':
      if (!haveAnswered(scenario, world, holder)) return []
      return change('has the word of every node', (_, h) => moved(h, 'answered'))
    case 'answered':
      if (!scenario.fence) return change('CONFIRMS: its freeze resolves', (after, h) => confirm(scenario, after, h))
      return change('fences the tables', (after, h) => fence(scenario, after, h))
    case 'fenced':
      return change('CONFIRMS: its freeze resolves', (after, h) => confirm(scenario, after, h))
    case 'frozen':
      if (!scenario.thaws) return []
      return change(holder.thaw === null ? 'reads the state to thaw' : 'thaws', (after, h) =>
        h.thaw === null ? readToThaw(scenario, after, h) : thaw(scenario, after, h),
      )
    case 'lifting':
      return change('drops its fence', (after, h) => dropFence(scenario, after, h))
    default:
      return []
  }
}

function begin({ rules, times }: Scenario, world: World, holder: Holder): boolean {
  const proposal = propose(world.database, { type: 'begin', freeze: freezeOf(holder) }, rules)
  if (proposal === undefined || world.database.owner !== world.database.identity) return false
  write(world.database, proposal, rules, times)
  holder.epoch = world.database.epoch
  holder.lease = times.freezeLeaseHere
  return moved(holder, 'waiting')
}

/** As `waitForNodes`: an ack, or a lease that has been over for the longest life of a write. */
function haveAnswered({ rules, times }: Scenario, { database }: World, { epoch }: Holder): boolean {
  if (!rules.waitForAcks) return true
  const waitOut = rules.waitOutLease ? times.waitOut : 0
  return database.nodes.every(({ acked, lease }) => acked >= epoch || lease + waitOut <= 0)
}

function fence({ rules }: Scenario, { database, writes }: World, holder: Holder): boolean {
  const name = fenceName(rules.fenceNamedByEpoch, holder)
  const isBusy = writes.some(({ stage }) => stage === 'in the server')
  if (database.fences.includes(name)) return moved(holder, 'fenced')
  if (isBusy && rules.fenceWaitsForWriters) return false
  database.fences.push(name)
  return moved(holder, 'fenced')
}

function dropFence({ rules }: Scenario, { database }: World, holder: Holder): boolean {
  const name = fenceName(rules.fenceNamedByEpoch, holder)
  database.fences = database.fences.filter((fence) => fence !== name)
  return moved(holder, 'done')
}

function fenceName(byEpoch: boolean, { epoch }: Holder): string {
  return byEpoch ? `fence ${epoch}` : 'fence'
}

function confirm({ rules, times }: Scenario, world: World, holder: Holder): boolean {
  const proposal = propose(world.database, { type: 'confirm', id: holder.name }, rules)
  if (proposal === undefined || !isHeld(world, holder)) return false
  if (write(world.database, proposal, rules, times) === 'refused') return false
  holder.lease = times.freezeLeaseHere
  return moved(holder, 'frozen')
}

function renew({ rules, times }: Scenario, world: World, holder: Holder): boolean {
  const row = world.database.freezes.find(({ id }) => id === holder.name)
  if (!rules.holderLease || row === undefined || row.lease === null || row.lease <= 0 || !isHeld(world, holder))
    return false
  if (row.lease === times.freezeLease && holder.lease === times.freezeLeaseHere) return false
  row.lease = times.freezeLease
  holder.lease = times.freezeLeaseHere
  return true
}

/** As the statements that renew and confirm: a freeze of another database is nobody's any more. */
function isHeld({ database }: World, { name }: Holder): boolean {
  const isTrusted = database.owner === database.identity
  return isTrusted && database.freezes.some(({ id, database: origin }) => id === name && origin === database.identity)
}

function readToThaw({ rules }: Scenario, { database }: World, holder: Holder): boolean {
  const command = { type: 'end', ending: { id: holder.name, by: holder.name, why: 'thawed' } } as const
  const proposal = propose(database, command, rules)
  if (proposal === undefined) return moved(holder, 'done')
  const all = database.freezes.map(({ id }) => ({ ...command.ending, id }))
  const broken = { ...proposal, change: { ...proposal.change, mode: 'read-write' as const, end: all } }
  holder.thaw = rules.endById ? proposal : broken
  return true
}

function thaw({ rules, times, fence }: Scenario, { database }: World, holder: Holder): boolean {
  if (holder.thaw === null) return false
  const written = write(database, holder.thaw, rules, times)
  holder.thaw = null
  if (written === 'refused') return true
  holder.lease = 0
  return moved(holder, fence ? 'lifting' : 'done')
}

function die(holder: Holder): boolean {
  holder.lease = 0
  holder.thaw = null
  return moved(holder, 'dead')
}

function moved(holder: Holder, step: Holder['step']): boolean {
  holder.step = step
  return true
}
