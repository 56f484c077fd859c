import { beforeEach, describe, expect, test } from 'vitest'
import { createGate } from '../../src/cluster/gate.ts'
import type { NodeGate } from '../../src/cluster/node-gate.ts'
import { momentOf } from '../../src/domain/clock.ts'
import { createLease, type Lease } from '../../src/domain/lease.ts'
import { isReadOnlyError, type ReadOnlyError } from '../../src/domain/read-only-error.ts'
import type { FreezeRecord } from '../../src/domain/snapshot.ts'
import type { Grammar } from '../../src/sql/analysis.ts'
import { createAnalyzer } from '../../src/sql/analyzer.ts'
import { answerOfSkipped } from '../../src/sql/answer-of-skipped.ts'
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'

const WRITE = 'UPDATE report_card SET name = $1 WHERE id = $2'
const EXEMPT = 'UPDATE report_card SET last_used_at = $1 WHERE id = $2'
const READ = 'SELECT * FROM report_card'

let clock: FakeClock
let lease: Lease
let gate: NodeGate

const freeze = (more: Partial<FreezeRecord> = {}): FreezeRecord => ({
  id: 'f1',
  nonce: 'n',
  kind: 'machine',
  phase: 'draining',
  epoch: '2',
  database: 'db',
  reason: 'migration',
  owner: 'o',
  holder: 'h',
  exempt: {},
  onHolderLost: 'thaw',
  since: new Date(0),
  expectedEnd: undefined,
  leaseRemainingMs: 9999,
  deadlineRemainingMs: undefined,
  drainRemainingMs: 1000,
  ...more,
})
const draining = (...freezes: FreezeRecord[]) =>
  gate.apply({ mode: 'draining', freezes: freezes.length > 0 ? freezes : [freeze()] }, true)
const open = () => gate.apply({ mode: 'read-write', freezes: [] }, true)
const refusal = (fn: () => unknown): ReadOnlyError => {
  try {
    fn()
  } catch (error) {
    if (isReadOnlyError(error)) return error
    throw error
  }
  throw new Error('expected a refusal')
}

beforeEach(() => {
  clock = createFakeClock()
  lease = createLease(clock, 10_000)
  lease.renewed(momentOf(clock))
  gate = gateOf('postgres')
  open()
})

function gateOf(grammar: Grammar): NodeGate {
  return createGate({
    clock,
    lease,
    analyze: createAnalyzer(grammar),
    answerOfSkipped: (sql) => answerOfSkipped(sql, grammar),
    policy: { exempt: { report_card: ['last_used_at'] }, skip: {}, defaultSchema: 'public' },
    http: { status: 'auto' },
    outcomeOf: () => 'answered',
    ready: async () => {},
  })
}

describe('autocommit statements', () => {
  test('everything passes while read-write; reads and exempt writes pass while not', () => {
    gate.admit(WRITE).end('answered')
    draining()
    expect(refusal(() => gate.admit(WRITE))).toMatchObject({
      operation: 'update',
      table: 'report_card',
      columns: ['name'],
      freezeId: 'f1',
      because: 'freeze',
    })
    gate.admit(READ).end('answered')
    gate.admit(EXEMPT).end('answered')
    open()
    gate.admit(WRITE).end('answered')
  })

  test('a write in flight at the flip is waited for, a read and an exempt write are not', () => {
    const write = gate.admit(WRITE)
    gate.admit(READ)
    gate.admit(EXEMPT)
    draining()
    expect(gate.drain().inFlight).toBe(1)
    write.end('answered')
    expect(gate.drain().inFlight).toBe(0)
  })

  test('writes in flight are counted by table in every mode, when somebody asks; reads are not', () => {
    const write = gate.admit(WRITE)
    const ddl = gate.admit('CREATE TABLE t (id int)')
    gate.admit(READ)
    const session = gate.openSession()
    for (const sql of ['BEGIN', WRITE, EXEMPT, 'DELETE FROM audit.line', READ]) session.admit(sql).end('answered')
    const expected = [
      ['report_card', 2],
      ['audit.line', 1],
      [undefined, 1],
    ]
    expect(new Map(gate.writesInFlight())).toEqual(new Map(expected as [string | undefined, number][]))
    draining()
    expect(gate.writesInFlight().get('report_card')).toBe(2)
    write.end('answered')
    ddl.end('unknown')
    expect([...gate.writesInFlight().keys()].sort()).toEqual(['audit.line', 'report_card'])
    session.admit('ROLLBACK').end('answered')
    expect(gate.writesInFlight().size).toBe(0)
  })

  test('a write whose outcome nobody knows stays counted until a barrier has passed (catches an ack on a driver’s time-out)', () => {
    const write = gate.admit(WRITE)
    draining()
    write.end('unknown')
    expect(gate.drain()).toMatchObject({ inFlight: 0, unknown: 1 })
    gate.forgetUnknown(gate.unknownWrites())
    expect(gate.drain().unknown).toBe(0)
  })

  test('an ended ticket counts once', () => {
    const write = gate.admit(WRITE)
    const other = gate.admit(WRITE)
    draining()
    write.end('answered')
    write.end('unknown')
    expect(gate.drain()).toMatchObject({ inFlight: 1, unknown: 0 })
    other.end('answered')
  })

  test('a second freeze without the first one’s exemption waits for what the first let pass', () => {
    const generous = freeze({ id: 'generous', phase: 'read-only', exempt: { audit_log: true } })
    gate.apply({ mode: 'read-only', freezes: [generous] }, true)
    const audit = gate.admit('INSERT INTO audit_log VALUES (1)')
    gate.apply({ mode: 'read-only', freezes: [generous, freeze({ id: 'strict' })] }, true)
    expect(gate.drain().inFlight).toBe(1)
    expect(refusal(() => gate.admit('INSERT INTO audit_log VALUES (1)')).freezeId).toBe('strict')
    audit.end('answered')
    expect(gate.drain().inFlight).toBe(0)
  })
})

describe('transactions', () => {
  test('one that has written goes on and commits; one that has only read is refused at its first write', () => {
    const writer = gate.openSession()
    writer.admit('BEGIN')
    writer.admit(WRITE)
    const reader = gate.openSession()
    reader.admit('BEGIN')
    reader.admit(READ)
    draining()
    expect(gate.drain().inFlight).toBe(1)
    writer.admit(WRITE).end('answered')
    expect(refusal(() => reader.admit(WRITE)).because).toBe('freeze')
    reader.admit('COMMIT').end('answered')
    writer.admit('COMMIT').end('answered')
    expect(gate.drain().inFlight).toBe(0)
  })

  test('one that overstays the drain is refused at its next statement and at COMMIT, and nobody waits for it', () => {
    const writer = gate.openSession()
    writer.admit('BEGIN')
    writer.admit(WRITE)
    draining()
    let progress = 0
    gate.onDrainProgress = () => (progress += 1)
    clock.advance(1000)
    expect(progress).toBeGreaterThan(0)
    expect(gate.drain().inFlight).toBe(0)
    expect(refusal(() => writer.admit(WRITE)).because).toBe('drain-deadline')
    expect(refusal(() => writer.admit('COMMIT')).because).toBe('drain-deadline')
    expect(writer.aborted).toBe(true)
    writer.admit('ROLLBACK').end('answered')
    open()
    writer.admit('BEGIN')
    writer.admit(WRITE)
    writer.admit('COMMIT').end('answered')
  })

  test('a COMMIT that was sent before the deadline is waited for beyond it (catches an ack before its answer)', () => {
    const writer = gate.openSession()
    writer.admit('BEGIN')
    writer.admit(WRITE)
    draining()
    const commit = writer.admit('COMMIT')
    clock.advance(1000)
    expect(gate.drain().inFlight).toBe(1)
    commit.end('answered')
    expect(gate.drain().inFlight).toBe(0)
  })

  test('a statement that is sent behind a COMMIT without waiting counts by itself (catches a pipelined write that nobody counts)', () => {
    const session = gate.openSession()
    session.admit('BEGIN')
    session.admit(WRITE)
    const commit = session.admit('COMMIT')
    const behind = session.admit(WRITE)
    commit.end('answered')
    draining()
    expect(gate.drain().inFlight).toBe(1)
    behind.end('answered')
    expect(gate.drain().inFlight).toBe(0)
  })

  test('many exempt writes in one transaction stay exempt, and a protected one among them counts', () => {
    const exempt = gate.openSession()
    const mixed = gate.openSession()
    for (const session of [exempt, mixed]) session.admit('BEGIN')
    mixed.admit(WRITE)
    for (let i = 0; i < 300; i += 1) {
      for (const session of [exempt, mixed])
        session.admit(`UPDATE report_card SET last_used_at = now() WHERE id = ${i}`)
    }
    draining()
    expect(gate.drain().inFlight).toBe(1)
    exempt.admit('COMMIT').end('answered')
  })

  test('a grace that a freeze gave is gone with the freeze (catches a transaction that is refused under another one)', () => {
    const generous = freeze({ id: 'generous', phase: 'read-only', exempt: { audit_log: true } })
    gate.apply({ mode: 'read-only', freezes: [generous] }, true)
    const session = gate.openSession()
    session.admit('BEGIN')
    session.admit('INSERT INTO audit_log VALUES (1)')
    gate.apply({ mode: 'read-only', freezes: [generous, freeze({ id: 'strict' })] }, true)
    gate.apply({ mode: 'read-only', freezes: [generous] }, true)
    clock.advance(2000)
    session.admit('INSERT INTO audit_log VALUES (2)')
    session.admit('COMMIT').end('answered')
  })

  test('an unknown outcome that one freeze exempts counts for the next that does not', () => {
    const generous = freeze({ id: 'generous', phase: 'read-only', exempt: { audit_log: true } })
    gate.apply({ mode: 'read-only', freezes: [generous] }, true)
    gate.admit('INSERT INTO audit_log VALUES (1)').end('unknown')
    expect(gate.drain().unknown).toBe(0)
    gate.apply({ mode: 'read-only', freezes: [generous, freeze({ id: 'strict' })] }, true)
    expect(gate.drain().unknown).toBe(1)
  })

  test('COMMIT AND CHAIN leaves a transaction open (catches a second transaction that nobody counts)', () => {
    const writer = gate.openSession()
    writer.admit('BEGIN')
    writer.admit('COMMIT AND CHAIN').end('answered')
    writer.admit(WRITE)
    draining()
    expect(gate.drain().inFlight).toBe(1)
  })

  test('ROLLBACK AND CHAIN leaves one open too', () => {
    const writer = gate.openSession()
    writer.admit('BEGIN')
    writer.admit('ROLLBACK AND CHAIN').end('answered')
    writer.admit(WRITE).end('answered')
    draining()
    expect(gate.drain().inFlight).toBe(1)
  })

  test('one that overstays is not committed by the next BEGIN (catches what MySQL commits by itself)', () => {
    const writer = gate.openSession()
    writer.admit('BEGIN')
    writer.admit(WRITE)
    draining()
    writer.admit('START TRANSACTION')
    clock.advance(1000)
    expect(refusal(() => writer.admit('START TRANSACTION')).because).toBe('drain-deadline')
    writer.admit('ROLLBACK').end('answered')
    writer.admit('BEGIN')
  })

  test('what a node without a lease may not commit is not committed by LOCK TABLES either', () => {
    gate = gateOf('mysql')
    open()
    const [writer, reader] = [gate.openSession(), gate.openSession()]
    for (const session of [writer, reader]) session.admit('BEGIN')
    writer.admit(WRITE).end('answered')
    clock.advance(20_000)
    reader.admit('LOCK TABLES report_card READ').end('answered')
    expect(refusal(() => writer.admit('LOCK TABLES report_card READ')).because).toBe('lease-lost')
    writer.admit('ROLLBACK').end('answered')
  })

  test('a COMMIT of a transaction that nobody saw begin is refused (catches writes under autocommit = 0)', () => {
    const session = gate.openSession()
    session.admit('COMMIT').end('answered')
    session.admit(WRITE).end('answered')
    draining()
    for (const sql of ['COMMIT', 'COMMIT AND CHAIN', 'END']) {
      expect(refusal(() => session.admit(sql)).because).toBe('freeze')
      expect(refusal(() => gate.admit(sql)).because).toBe('freeze')
    }
    session.admit('ROLLBACK').end('answered')
  })

  test('without autocommit a transaction is always open (catches writes that nobody waits for, committed by what follows)', () => {
    gate = gateOf('mysql')
    open()
    const sessions = ['COMMIT', 'SET autocommit = 1', 'START TRANSACTION'].map((commits) => {
      const session = gate.openSession()
      session.admit("SET autocommit = 0, sql_mode = ''").end('answered')
      session.admit(WRITE).end('answered')
      session.admit('ROLLBACK').end('answered')
      session.admit(WRITE).end('answered')
      return { session, commits }
    })
    draining()
    expect(gate.drain().inFlight).toBe(sessions.length)
    clock.advance(1000)
    for (const { session, commits } of sessions) {
      expect(refusal(() => session.admit(commits)).because).toBe('drain-deadline')
      session.admit('ROLLBACK').end('answered')
      session.admit(EXEMPT).end('answered')
      session.admit(commits).end('answered')
    }
  })

  test('a session whose connection went back serves the next as a new one (catches a transaction that nobody ends)', () => {
    gate = gateOf('mysql')
    open()
    const session = gate.openSession()
    for (const sql of ['SET autocommit = 0', WRITE]) session.admit(sql).end('answered')
    session.release()
    for (const sql of ['START TRANSACTION', 'COMMIT', WRITE]) session.admit(sql).end('answered')
    draining()
    expect(gate.drain()).toMatchObject({ inFlight: 0, unknown: 1 })
  })

  test.each([
    '/*! INSERT INTO report_card (name) SELECT 1 AS */ begin',
    '/*! DELETE FROM report_card WHERE 1 = */ commit',
    'SAVEPOINT a /*! ; DELETE FROM report_card */',
    'ROLLBACK /* /* */ ; DELETE FROM report_card # */',
  ])('%j is a write where comments are executed or do not nest (catches a write that passes as control)', (sql) => {
    gate = gateOf('mysql')
    open()
    const session = gate.openSession()
    draining()
    expect(refusal(() => session.admit(sql)).because).toBe('freeze')
  })

  test('what was told to roll back can’t commit after a thaw either', () => {
    const writer = gate.openSession()
    writer.admit('BEGIN')
    writer.admit(WRITE)
    draining()
    clock.advance(1000)
    lease.renewed(momentOf(clock))
    open()
    expect(refusal(() => writer.admit('COMMIT')).because).toBe('drain-deadline')
  })

  test('no grace after the lease had lapsed: the cluster may have stopped waiting (catches a late commit of a node that came back)', () => {
    const writer = gate.openSession()
    writer.admit('BEGIN')
    writer.admit(WRITE)
    clock.advance(9_600)
    lease.renewed(momentOf(clock))
    gate.apply({ mode: 'draining', freezes: [freeze()] }, false)
    expect(gate.drain().inFlight).toBe(0)
    refusal(() => writer.admit('COMMIT'))
  })

  test('no grace when the freeze was complete before this node heard of it', () => {
    const writer = gate.openSession()
    writer.admit('BEGIN')
    writer.admit(WRITE)
    gate.apply({ mode: 'read-only', freezes: [freeze({ phase: 'read-only' })] }, true)
    refusal(() => writer.admit('COMMIT'))
  })

  test('a grace for one freeze is none against a freeze before it', () => {
    const first = freeze({ id: 'first', phase: 'read-only', exempt: { audit_log: true } })
    gate.apply({ mode: 'read-only', freezes: [first] }, true)
    const session = gate.openSession()
    session.admit('BEGIN')
    session.admit('INSERT INTO audit_log VALUES (1)')
    gate.apply({ mode: 'read-only', freezes: [first, freeze({ id: 'second' })] }, true)
    session.admit('INSERT INTO audit_log VALUES (2)')
    expect(refusal(() => session.admit(WRITE)).freezeId).toBe('first')
  })

  test('a grace is never lengthened by a second freeze', () => {
    const writer = gate.openSession()
    writer.admit('BEGIN')
    writer.admit(WRITE)
    draining()
    clock.advance(600)
    draining(freeze(), freeze({ id: 'f2', drainRemainingMs: 5000 }))
    clock.advance(400)
    refusal(() => writer.admit('COMMIT'))
  })

  test('a transaction of many reads and one write counts as a writer; of reads alone it does not', () => {
    const writer = gate.openSession()
    const reader = gate.openSession()
    for (const session of [writer, reader]) session.admit('BEGIN')
    writer.admit(WRITE)
    for (let i = 0; i < 500; i += 1) for (const session of [writer, reader]) session.admit(`SELECT ${i}`)
    draining()
    expect(gate.drain().inFlight).toBe(1)
  })

  test('a connection given back with its transaction open leaves an unknown outcome', () => {
    const session = gate.openSession()
    session.admit('BEGIN')
    session.admit(WRITE)
    session.release()
    expect(gate.drain().unknown).toBe(1)
  })

  test('a commit whose answer never came leaves an unknown outcome', () => {
    const session = gate.openSession()
    session.admit('BEGIN')
    session.admit(WRITE)
    session.admit('COMMIT').end('unknown')
    draining()
    expect(gate.drain().unknown).toBe(1)
  })
})

describe('a closed gate', () => {
  test('lets transactions that have written finish, refuses everything else, and never opens again', () => {
    const writer = gate.openSession()
    writer.admit('BEGIN')
    writer.admit(WRITE)
    gate.close(1000)
    expect(gate.drain().inFlight).toBe(1)
    expect(refusal(() => gate.admit(WRITE)).because).toBe('closed')
    writer.admit(WRITE)
    writer.admit('COMMIT').end('answered')
    expect(gate.drain().inFlight).toBe(0)
    open()
    gate.shut('lease-lost')
    expect(gate.mode).toBe('closed')
    refusal(() => gate.admit(WRITE))
  })
})

describe('the lease', () => {
  test('is asked at each admission, without a timer (catches a blocked event loop that goes on writing)', () => {
    const session = gate.openSession()
    session.admit('BEGIN')
    session.admit(WRITE)
    clock.suspend(60_000)
    expect(gate.mode).toBe('read-only')
    expect(refusal(() => gate.admit(WRITE)).because).toBe('lease-lost')
    gate.admit(READ)
    expect(refusal(() => session.admit('COMMIT')).because).toBe('lease-lost')
  })
})

describe('refusals', () => {
  test('carry what HTTP frameworks read; 503 with Retry-After only when an end is expected', () => {
    draining(freeze({ expectedEnd: new Date(clock.wallMs() + 30_000) }))
    expect(refusal(() => gate.admit(WRITE))).toMatchObject({
      status: 503,
      statusCode: 503,
      headers: { 'Retry-After': '30' },
      expose: false,
    })
    open()
    draining()
    const error = refusal(() => gate.admit(WRITE))
    expect(error).toMatchObject({ status: 403, headers: {}, kind: 'QUIESCE_READ_ONLY' })
    expect('code' in error).toBe(false)
    expect(Object.isExtensible(error)).toBe(true)
  })

  test('expect writes back when the last freeze ends, and not at all when one does not say', () => {
    const until = (seconds: number) => new Date(clock.wallMs() + seconds * 1000)
    draining(freeze({ expectedEnd: until(30) }), freeze({ id: 'f2', expectedEnd: until(90) }))
    expect(refusal(() => gate.admit(WRITE))).toMatchObject({ freezeId: 'f1', headers: { 'Retry-After': '90' } })
    draining(freeze({ expectedEnd: until(30) }), freeze({ id: 'f2' }))
    expect(refusal(() => gate.admit(WRITE))).toMatchObject({ expectedEnd: undefined, status: 403, headers: {} })
  })

  test('schema changes and unknown statements are refused, whatever is exempt', () => {
    draining()
    for (const sql of [
      'DROP TABLE report_card',
      'VACUUM',
      'CALL f()',
      'SELECT 1; DELETE FROM report_card',
      "COMMIT PREPARED 'x'",
    ]) {
      expect(refusal(() => gate.admit(sql)).because).toBe('freeze')
    }
  })
})
