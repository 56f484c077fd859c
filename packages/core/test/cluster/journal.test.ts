import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { createGate } from '../../src/cluster/gate.ts'
import type { NodeGate } from '../../src/cluster/node-gate.ts'
import type { Admission, Outcome, Session, Ticket } from '../../src/domain/admission.ts'
import { momentOf } from '../../src/domain/clock.ts'
import { createLease, type Lease } from '../../src/domain/lease.ts'
import { isReadOnlyError } from '../../src/domain/read-only-error.ts'
import type { FreezeRecord } from '../../src/domain/snapshot.ts'
import { createAnalyzer } from '../../src/sql/analyzer.ts'
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'

const WRITE = 'UPDATE report_card SET name = $1 WHERE id = $2'
const READ = 'SELECT * FROM report_card'
const LEASE_MS = 10_000

/** A gate with a clock and a lease of its own, in read-write mode. */
interface Node {
  readonly gate: NodeGate
  readonly clock: FakeClock
  readonly lease: Lease
}

function createNode(analyze = createAnalyzer('postgres')): Node {
  const clock = createFakeClock()
  const lease = createLease(clock, LEASE_MS)
  lease.renewed(momentOf(clock))
  const gate = createGate({
    clock,
    lease,
    analyze,
    answerOfSkipped: () => undefined,
    policy: { exempt: { report_card: ['last_used_at'] }, skip: {}, defaultSchema: 'public' },
    http: { status: 'auto' },
    outcomeOf: () => 'answered',
    ready: async () => {},
  })
  gate.apply({ mode: 'read-write', freezes: [] }, true)
  return { gate, clock, lease }
}

const freeze = {
  ...{ id: 'f1', kind: 'machine', phase: 'draining', epoch: '2', reason: 'migration', owner: 'o', holder: 'h' },
  ...{ exempt: {}, onHolderLost: 'thaw', since: new Date(0), leaseRemainingMs: 9999, drainRemainingMs: 1000 },
} as unknown as FreezeRecord

let node: Node
let gate: NodeGate

beforeEach(() => {
  node = createNode()
  gate = node.gate
})

const drain = (): void => gate.apply({ mode: 'draining', freezes: [freeze] }, true)
const thaw = (): void => gate.apply({ mode: 'read-write', freezes: [] }, true)
function noted(admission: Admission, sql: string): Ticket {
  const ticket = admission.note(sql)
  if (ticket === undefined) throw new Error(`${sql} was not noted`)
  return ticket
}

describe('a statement that was noted', () => {
  test.each([
    ['beside any session', (): Admission => gate],
    ['of a session', (): Admission => gate.openSession()],
  ])('%s is waited for when it writes (catches a freeze that does not read the journal)', (_which, on) => {
    const write = noted(on(), WRITE)
    const read = noted(on(), READ)
    drain()
    expect(gate.drain().inFlight).toBe(1)
    read.end('answered')
    write.end('answered')
    expect(gate.drain().inFlight).toBe(0)
  })

  test('and answered is not waited for', () => {
    noted(gate, WRITE).end('answered')
    drain()
    expect(gate.drain().inFlight).toBe(0)
  })

  test('and whose end nobody knows stays counted', () => {
    noted(gate, WRITE).end('unknown')
    expect(gate.drain().unknown).toBe(1)
  })

  test('is told among the writes in flight', () => {
    const write = noted(gate, WRITE)
    expect([...gate.writesInFlight().values()]).toEqual([1])
    write.end('answered')
    expect([...gate.writesInFlight().values()]).toEqual([])
  })

  test('is waited for when the lease has lapsed before the freeze was heard of', () => {
    const write = noted(gate, WRITE)
    gate.shut('lease-lost')
    gate.apply({ mode: 'draining', freezes: [freeze] }, false)
    expect(gate.drain().inFlight).toBe(1)
    write.end('answered')
    expect(gate.drain().inFlight).toBe(0)
  })

  test.each([
    ['BEGIN', 8000],
    [READ, 0],
  ])('is as old as it is, whatever was noted before it (first: %s)', (first, ageMs) => {
    const session = gate.openSession()
    noted(session, first).end('answered')
    node.clock.advance(8000)
    if (first === READ) noted(session, 'BEGIN').end('answered')
    noted(session, WRITE).end('answered')
    drain()
    expect(gate.drain().oldest).toBe(`transaction for ${ageMs} ms`)
  })
})

describe('nothing is noted', () => {
  test('before the mode is known, and while writes are refused', () => {
    drain()
    expect(gate.note(READ)).toBeUndefined()
    expect(gate.openSession().note(READ)).toBeUndefined()
    gate.shut('state-lost')
    expect(gate.note(READ)).toBeUndefined()
    gate.close(0)
    expect(gate.note(READ)).toBeUndefined()
  })

  test('behind the lease by either clock, whatever was heard (catches a process that was paused)', () => {
    node.clock.advance(LEASE_MS)
    expect(gate.mode).toBe('read-only')
    expect(gate.note(WRITE)).toBeUndefined()
    expect(gate.openSession().note(WRITE)).toBeUndefined()
    expect(() => gate.admit(WRITE)).toThrow()
  })

  test('of a transaction that was aborted by a freeze, also when writes are back', () => {
    const session = gate.openSession()
    for (const sql of ['BEGIN', WRITE]) noted(session, sql).end('answered')
    drain()
    node.clock.advance(1001)
    expect(session.aborted).toBe(true)
    thaw()
    expect([session.note(WRITE), session.note('COMMIT')]).toEqual([undefined, undefined])
    expect(() => session.admit('COMMIT')).toThrow()
    session.admit('ROLLBACK').end('answered')
    noted(session, WRITE).end('answered')
  })
})

describe('a transaction that was noted', () => {
  const begun = (): Session => {
    const session = gate.openSession()
    for (const sql of ['BEGIN', WRITE]) noted(session, sql).end('answered')
    return session
  }

  test('may go on and commit while the node drains', () => {
    const session = begun()
    drain()
    expect([gate.drain().inFlight, session.mayWrite]).toEqual([1, true])
    session.admit(WRITE).end('answered')
    session.admit('COMMIT').end('answered')
    expect([gate.drain().inFlight, session.inTransaction]).toEqual([0, false])
  })

  test.each(['COMMIT', 'ROLLBACK'])('is over with its %s', (end) => {
    const session = begun()
    noted(session, end).end('answered')
    expect(session.inTransaction).toBe(false)
    drain()
    expect(gate.drain().inFlight).toBe(0)
  })

  test('and whose COMMIT failed without an effect is open', () => {
    const session = begun()
    noted(session, 'COMMIT').end('unchanged')
    expect(session.inTransaction).toBe(true)
  })

  test('and whose commit, made by a call, failed without an effect does not take in what was noted behind it', () => {
    const session = begun()
    const commit = session.admitCommit()
    const write = noted(session, WRITE)
    commit.end('unchanged')
    drain()
    expect(gate.drain().inFlight).toBe(2)
    write.end('answered')
    expect(gate.drain().inFlight).toBe(1)
  })

  test('and was given back open has an end that nobody knows; its connection’s next user begins anew', () => {
    const session = begun()
    session.release()
    noted(session, WRITE).end('answered')
    expect([gate.drain().unknown, session.inTransaction]).toEqual([1, false])
  })
})

test('many statements at once end one by one, in any order (catches an entry that is used again too early)', () => {
  const open = new Map<number, Ticket>()
  let next = 0
  // Multiples of a number that has no divisor in common with the count: every one, in an order of its own.
  for (let round = 0; round < 40; round++) {
    for (let count = 0; count < 10; count++) open.set(next++, noted(gate, WRITE))
    for (const key of [...open.keys()].filter((one) => (one * 7) % 3 === round % 3)) {
      open.get(key)?.end('answered')
      open.delete(key)
    }
  }
  drain()
  expect(gate.drain().inFlight).toBe(open.size)
  for (const [, ticket] of [...open].reverse()) ticket.end('answered')
  expect(gate.drain().inFlight).toBe(0)
})

test('a journal that could not be read to its end loses nothing (catches a write that nobody waits for)', () => {
  const analyze = createAnalyzer('postgres')
  let fails = true
  const { gate: own } = createNode((sql) => {
    if (fails && sql.startsWith('SELECT 1;')) throw new RangeError('Maximum call stack size exceeded')
    return analyze(sql)
  })
  const session = own.openSession()
  const writes = [noted(own, WRITE), noted(session, 'SELECT 1; BEGIN'), noted(own, WRITE)]
  expect(() => own.writesInFlight()).toThrow(RangeError)
  expect(() => own.apply({ mode: 'draining', freezes: [freeze] }, true)).toThrow(RangeError)
  fails = false
  own.apply({ mode: 'draining', freezes: [freeze] }, true)
  // The text of two statements counts as well, and so does the transaction that it has begun.
  expect([own.drain().inFlight, session.inTransaction]).toEqual([4, true])
  for (const write of writes) write.end('answered')
  session.admit('ROLLBACK').end('answered')
  expect(own.drain().inFlight).toBe(0)
})

describe('noting tells the same as admitting', () => {
  const texts = [WRITE, READ, 'BEGIN', 'COMMIT', 'ROLLBACK', `BEGIN; ${WRITE}`, 'SAVEPOINT s', 'COMMIT; BEGIN'] as const
  type Step =
    | { readonly do: 'send'; readonly on: number; readonly sql: string }
    | { readonly do: 'end'; readonly which: number; readonly outcome: Outcome }
    | { readonly do: 'release' | 'begin' | 'rolledBack' | 'commit'; readonly on: number }
    | { readonly do: 'drain' | 'freeze' | 'thaw' | 'shut' | 'lapse' | 'look' | 'wait' }
  const on = fc.nat(2)
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({ do: fc.constant('send' as const), on: fc.nat(3), sql: fc.constantFrom(...texts) }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('end' as const),
        which: fc.nat(5),
        outcome: fc.constantFrom<Outcome>('answered', 'answered', 'answered', 'unchanged', 'unknown'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('release', 'begin', 'rolledBack', 'commit'), on }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('drain', 'freeze', 'thaw', 'thaw', 'shut', 'lapse', 'look', 'wait') }),
    },
  )

  /** Plays the steps on one node; what was decided, and what it told whenever somebody looked. */
  function play(steps: readonly Step[], ask: (admission: Admission, sql: string) => Ticket): readonly unknown[] {
    const { gate: own, clock, lease } = createNode()
    const sessions = [own.openSession(), own.openSession(), own.openSession()]
    /** `controlOf`: the session whose transaction it may begin or end; drivers send no other one of these before its answer. */
    const open: { readonly ticket: Ticket; readonly controlOf: Session | undefined }[] = []
    const told: unknown[] = []
    const decide = (admit: () => Ticket, controlOf?: Session): void => {
      try {
        open.push({ ticket: admit(), controlOf })
        told.push('admitted')
      } catch (error) {
        if (!isReadOnlyError(error)) throw error
        told.push(error.message)
      }
    }
    const look = (): void => {
      const states = sessions.map(({ aborted, mayWrite, inTransaction }) => [aborted, mayWrite, inTransaction])
      const { inFlight, unknown } = own.drain()
      told.push({ inFlight, unknown, states, mode: own.mode, writes: [...own.writesInFlight()] })
    }
    const act: Readonly<Record<Exclude<Step['do'], 'send' | 'end'>, (session: Session | undefined) => void>> = {
      release: (session) => session?.release(),
      begin: (session) => session?.begin(),
      rolledBack: (session) => session?.rolledBack(),
      commit: (session) => decide(() => session?.admitCommit() ?? own.admit('COMMIT'), session),
      drain: () => own.apply({ mode: 'draining', freezes: [freeze] }, true),
      freeze: () => own.apply({ mode: 'read-only', freezes: [{ ...freeze, phase: 'read-only' }] }, true),
      thaw() {
        lease.renewed(momentOf(clock))
        own.apply({ mode: 'read-write', freezes: [] }, true)
      },
      shut: () => own.shut('lease-lost'),
      lapse: () => lease.drop(),
      look,
      wait: () => clock.advance(600),
    }
    for (const one of steps) {
      const session = 'on' in one ? sessions[one.on] : undefined
      const isControl = session !== undefined && !('sql' in one && (one.sql === WRITE || one.sql === READ))
      if (isControl && open.some(({ controlOf }) => controlOf === session)) continue
      if (one.do === 'send') decide(() => ask(session ?? own, one.sql), isControl ? session : undefined)
      else if (one.do === 'end') open.splice(one.which % Math.max(1, open.length), 1)[0]?.ticket.end(one.outcome)
      else act[one.do](session)
    }
    look()
    act.drain(undefined)
    look()
    return told
  }

  test('whatever is sent, ends, freezes and thaws, in any order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const admitted = play(steps, (admission, sql) => admission.admit(sql))
        expect(play(steps, (admission, sql) => admission.note(sql) ?? admission.admit(sql))).toEqual(admitted)
      }),
      { numRuns: 3000 },
    )
  })
})
