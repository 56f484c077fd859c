import { beforeEach, describe, expect, test } from 'vitest'
import { isReadOnlyError, type ReadOnlyError } from '../../src/domain/read-only-error.ts'
import { createTestCluster, type TestCluster } from '../../src/testing/test-cluster.ts'

const TOUCH = 'UPDATE person SET last_seen = $1 WHERE id = $2'
const WRITE = 'UPDATE person SET name = $1 WHERE id = $2'
const URL = 'postgres://nobody@nowhere/nothing'

const refusal = (fn: () => unknown): ReadOnlyError => {
  try {
    fn()
  } catch (error) {
    if (isReadOnlyError(error)) return error
    throw error
  }
  throw new Error('expected a refusal')
}

describe('skip', () => {
  let cluster: TestCluster

  beforeEach(() => {
    const skip = { person: ['last_seen', 'seen_by'], view: { insert: true, delete: true } }
    cluster = createTestCluster(URL, { person: ['updated_at', 'seen_by'], audit: true }, { skip })
  })

  test('a write of nothing but what may be skipped is answered instead of sent, and asked for by whoever can', () => {
    expect(cluster.gate.admit(TOUCH, 'rows').skipped).toBeUndefined()
    cluster.freeze()
    expect(cluster.gate.admit(TOUCH, 'rows').skipped).toEqual({ operation: 'update', table: 'person' })
    expect(cluster.gate.admit('DELETE FROM view WHERE id = 1', 'keys').skipped?.table).toBe('view')
  })

  test('a caller that did not say what it wants is refused (catches a skipped write that is sent after all)', () => {
    cluster.freeze()
    expect(refusal(() => cluster.gate.admit(TOUCH)).columns).toEqual(['last_seen'])
  })

  test('one protected column beside it refuses the whole update', () => {
    cluster.freeze()
    expect(refusal(() => cluster.gate.admit('UPDATE person SET last_seen = 1, name = 2', 'rows'))).toMatchObject({
      columns: ['last_seen', 'name'],
    })
  })

  test('an exempt column beside it refuses the update too, for it would be lost (catches a lost exempt write)', () => {
    cluster.freeze()
    expect(cluster.gate.admit('UPDATE person SET updated_at = 1', 'rows').skipped).toBeUndefined()
    expect(
      refusal(() => cluster.gate.admit('UPDATE person SET last_seen = 1, updated_at = 2', 'rows')).columns,
    ).toEqual(['last_seen'])
  })

  test('what is exempt is sent although it might be skipped', () => {
    cluster.freeze()
    expect(cluster.gate.admit('UPDATE person SET seen_by = 1', 'rows').skipped).toBeUndefined()
  })

  test('rows that RETURNING asks for are read as they are', () => {
    cluster.freeze()
    const { skipped } = cluster.gate.admit('UPDATE person SET last_seen = $1 WHERE id = $2 RETURNING id', 'keys')
    expect(skipped?.rows).toEqual({ sql: 'SELECT\nid\nFROM\nperson\nWHERE\nid =\n$1', parameters: [1] })
  })

  test.each([
    ['the rows of an insert', 'INSERT INTO view VALUES (1) RETURNING id', 'rows'],
    ['the keys of an insert', 'INSERT INTO view VALUES (1)', 'keys'],
    ['rows that come with an effect', "UPDATE person SET last_seen = 1 RETURNING nextval('s')", 'rows'],
    ['rows of a join', 'UPDATE person SET last_seen = 1 FROM view RETURNING person.id', 'rows'],
    ['the read behind it', 'UPDATE person SET last_seen = 1; SELECT 1', 'rows'],
    ['the read around it', 'WITH p AS (UPDATE person SET last_seen = 1) SELECT 1', 'rows'],
    ['an exempt write in one text with it', 'UPDATE person SET last_seen = 1; DELETE FROM audit', 'rows'],
    ['another operation of its table', 'UPDATE view SET id = 1', 'rows'],
    ['a TRUNCATE', 'TRUNCATE view', 'rows'],
  ] as const)('refused, for nobody can answer it truthfully: %s', (_what, sql, wanted) => {
    cluster.freeze()
    refusal(() => cluster.gate.admit(sql, wanted))
  })

  test('in a transaction it is skipped too, and a transaction that had written before goes on writing', () => {
    const reader = cluster.gate.openSession()
    reader.admit('BEGIN')
    const writer = cluster.gate.openSession()
    writer.admit('BEGIN')
    writer.admit(WRITE)
    cluster.drain(1000)
    expect(reader.admit(TOUCH, 'rows').skipped).toBeDefined()
    expect(writer.admit(TOUCH, 'rows').skipped).toBeUndefined()
    expect(cluster.gate.drain().inFlight).toBe(1)
  })

  test('layers above the statement leave it to the statement', () => {
    cluster.freeze()
    expect(
      cluster.gate.refusedColumns({ operation: 'update', table: 'person', columns: ['last_seen'] }),
    ).toBeUndefined()
    expect(cluster.gate.mentions('view')).toBe(true)
  })

  test('nothing is skipped once the cluster object is closed', () => {
    cluster.gate.close(0)
    expect(refusal(() => cluster.gate.admit(TOUCH, 'rows')).because).toBe('closed')
  })
})

describe('a gate that only reports', () => {
  let cluster: TestCluster
  let reported: ReadOnlyError[]

  beforeEach(() => {
    reported = []
    const onReported = (error: ReadOnlyError): unknown => reported.push(error)
    cluster = createTestCluster(URL, { audit: true }, { enforcement: 'report', onReported })
  })

  test('lets everything pass and tells what it would have refused', () => {
    cluster.freeze()
    cluster.gate.admit('SELECT 1')
    cluster.gate.admit('INSERT INTO audit VALUES (1)')
    cluster.gate.admit(WRITE)
    cluster.gate.check({ operation: 'mail' })
    expect(reported).toMatchObject([{ operation: 'update', table: 'person', columns: ['name'] }, { operation: 'mail' }])
    expect(reported[0]?.stack).toContain('gate-policies.test.ts')
  })

  test('is read-write for every layer above it (catches an early layer that refuses)', () => {
    cluster.freeze()
    expect(cluster.gate.mode).toBe('read-write')
    expect(cluster.gate.isStarting).toBe(false)
  })

  test('lets transactions commit that a drain would have rolled back, and such as began while read-only', () => {
    const session = cluster.gate.openSession()
    session.admit('BEGIN')
    session.admit(WRITE)
    cluster.drain(0)
    session.admit(WRITE)
    session.admit('COMMIT').end('answered')
    expect(reported).toEqual([])
    cluster.gate.shut('lease-lost')
    session.admit('BEGIN')
    session.admit(WRITE)
    session.admit('COMMIT').end('answered')
    expect(reported.map(({ because }) => because)).toEqual(['lease-lost'])
  })

  test('says so', () => {
    expect(cluster.gate.enforces).toBe(false)
  })
})

describe('transactions in one text with other statements', () => {
  let cluster: TestCluster
  const open = () => cluster.gate.openSession()

  beforeEach(() => {
    cluster = createTestCluster(URL)
  })

  test('`BEGIN; INSERT …` opens one that a drain waits for (catches a COMMIT that nobody waited for)', () => {
    const session = open()
    session.admit("BEGIN; INSERT INTO t VALUES (';')").end('answered')
    expect(session.inTransaction).toBe(true)
    cluster.drain(1000)
    expect(cluster.gate.drain().inFlight).toBe(1)
    expect(session.mayWrite).toBe(true)
    session.admit('COMMIT').end('answered')
    expect(cluster.gate.drain().inFlight).toBe(0)
  })

  test.each([
    'INSERT INTO t VALUES (1); BEGIN; SELECT 1',
    'COMMIT; BEGIN; DELETE FROM t',
    'BEGIN; COMMIT AND CHAIN; DELETE FROM t',
  ])('so does %s', (sql) => {
    const session = open()
    session.admit(sql).end('answered')
    expect(session.inTransaction).toBe(true)
  })

  test('one that begins and ends in the text is over with its answer', () => {
    const session = open()
    const ticket = session.admit('BEGIN; INSERT INTO t VALUES (1); COMMIT')
    cluster.drain(1000)
    expect(cluster.gate.drain().inFlight).toBe(1)
    ticket.end('answered')
    expect(cluster.gate.drain().inFlight).toBe(0)
    expect(session.inTransaction).toBe(false)
  })

  test('one that was open ends with the text that ends it', () => {
    const session = open()
    session.admit('BEGIN')
    const ticket = session.admit('INSERT INTO t VALUES (1); COMMIT')
    cluster.drain(1000)
    expect(cluster.gate.drain().inFlight).toBe(1)
    ticket.end('answered')
    expect([cluster.gate.drain().inFlight, session.inTransaction]).toEqual([0, false])
  })

  test('a semicolon in a string or at the end begins nothing', () => {
    const session = open()
    session.admit("INSERT INTO t VALUES ('; BEGIN')").end('answered')
    session.admit('INSERT INTO t VALUES (1);').end('answered')
    expect(session.inTransaction).toBe(false)
  })

  test('while read-only the text is refused and begins nothing', () => {
    const session = open()
    cluster.freeze()
    refusal(() => session.admit('BEGIN; INSERT INTO t VALUES (1)'))
    expect(session.inTransaction).toBe(false)
  })

  test('a transaction that has only read may not write while draining', () => {
    const session = open()
    session.admit('BEGIN')
    session.admit('SELECT 1')
    cluster.drain(1000)
    expect(session.mayWrite).toBe(false)
  })
})
