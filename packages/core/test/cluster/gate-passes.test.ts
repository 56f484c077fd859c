import { beforeEach, expect, test } from 'vitest'
import { createGate } from '../../src/cluster/gate.ts'
import type { NodeGate } from '../../src/cluster/node-gate.ts'
import { createPasses, type Passes } from '../../src/cluster/run/passes.ts'
import type { Ticket } from '../../src/domain/admission.ts'
import { momentOf } from '../../src/domain/clock.ts'
import { createLease, type Lease } from '../../src/domain/lease.ts'
import { isReadOnlyError } from '../../src/domain/read-only-error.ts'
import type { FreezeRecord } from '../../src/domain/snapshot.ts'
import { createAnalyzer } from '../../src/sql/analyzer.ts'
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'

const WRITE = 'UPDATE report_card SET name = $1'
let clock: FakeClock
let lease: Lease
let passes: Passes
let gate: NodeGate
let valid: boolean
const pass = { freezeIds: new Set(['own']), isValid: () => valid }

const freeze = (id: string): FreezeRecord => ({
  id,
  nonce: 'n',
  kind: 'machine',
  phase: 'read-only',
  epoch: '7',
  database: 'db',
  reason: 'r',
  owner: 'o',
  holder: 'h',
  exempt: {},
  onHolderLost: 'stay',
  since: new Date(0),
  expectedEnd: undefined,
  leaseRemainingMs: 1000,
  deadlineRemainingMs: undefined,
  drainRemainingMs: 0,
})
/** A transaction of its own that writes. */
const write = (): Ticket => {
  const session = gate.openSession()
  session.begin()
  session.admit(WRITE)
  return session.admitCommit()
}
const apply = (...ids: readonly string[]): void => gate.apply({ mode: 'read-only', freezes: ids.map(freeze) }, true)
const isRefused = (attempt: () => unknown): boolean => {
  try {
    attempt()
    return false
  } catch (error) {
    if (!isReadOnlyError(error)) throw error
    return true
  }
}

beforeEach(() => {
  valid = true
  clock = createFakeClock()
  lease = createLease(clock, 10_000)
  lease.renewed(momentOf(clock))
  passes = createPasses()
  gate = createGate({
    clock,
    lease,
    analyze: createAnalyzer('postgres'),
    answerOfSkipped: () => undefined,
    policy: { exempt: {}, skip: {}, defaultSchema: 'public' },
    http: { status: 403 },
    outcomeOf: () => 'answered',
    ready: async () => {},
    passing: passes.current,
  })
  apply('own')
})

test('a run passes its own freeze in its transactions, in whatever it calls and awaits, and nobody else does (catches a write beside them that proves nothing)', async () => {
  expect(isRefused(write)).toBe(true)
  await passes.within(pass, async () => {
    await Promise.resolve()
    write().end('answered')
    expect(isRefused(() => gate.admit(WRITE))).toBe(true)
    expect(gate.refusedColumns({ operation: 'update', table: 'report_card', columns: ['name'] })).toBeUndefined()
  })
  expect(isRefused(write)).toBe(true)
})

test('a run does not pass the freeze of somebody else (catches a pass for all freezes)', () => {
  apply('own', 'other')
  expect(passes.within(pass, () => isRefused(write))).toBe(true)
})

test('a run whose claim is over, or whose node has lost its lease, passes nothing (catches a pass that outlives its run)', () => {
  passes.within(pass, () => {
    valid = false
    expect(isRefused(write)).toBe(true)
    valid = true
    gate.shut('lease-lost')
    expect(isRefused(write)).toBe(true)
  })
})

test('what a run has in flight keeps no ack from its own freeze, and waits for the next one', () => {
  passes.within(pass, () => {
    const ticket = write()
    apply('own')
    expect(gate.drain().inFlight).toBe(0)
    apply('own', 'other')
    expect(gate.drain().inFlight).toBe(1)
    ticket.end('answered')
    expect(gate.drain().inFlight).toBe(0)
  })
})

test('a transaction of a run commits while its claim holds, and not afterwards', () => {
  const session = gate.openSession()
  passes.within(pass, () => {
    session.begin()
    session.admit(WRITE)
    session.admitCommit().end('answered')
    session.begin()
    session.admit(WRITE)
    valid = false
    expect(isRefused(() => session.admitCommit())).toBe(true)
  })
})
