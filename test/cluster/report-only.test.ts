import type { Cluster, ClusterEvents } from '@quiesce/core'
import { gateOf } from '@quiesce/core/adapter'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { databases, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'

describe.each(databases.slice(0, 1))('a node that only reports, on %s', (kind) => {
  let database: TestDatabase
  let reporter: Cluster
  let enforcer: Cluster
  const lines: { data: object; message: string }[] = []
  const logger = {
    debug() {},
    info() {},
    error() {},
    warn: (data: object, message: string) => lines.push({ data, message }),
  }

  beforeAll(async () => {
    database = await testDatabase('report', kind)
    reporter = database.cluster({ enforcement: 'report', logger })
    enforcer = database.cluster()
    await reporter.start()
    await enforcer.start()
  })
  afterAll(() => database?.drop())
  afterEach(() => lines.splice(0))

  test('fails a freeze at once, by name, and it is undone (catches a guarantee that was not given)', async () => {
    const failed = await enforcer.freeze({ reason: 'x' }).catch((error: unknown) => error)
    expect(failed).toMatchObject({
      kind: 'QUIESCE_ACK_TIMEOUT',
      stragglers: [{ nodeId: reporter.state.nodeId, enforcement: 'report' }],
      message: expect.stringMatching(/only reports.*enforcement: 'enforce'/s),
    })
    expect(await database.state()).toMatchObject({ mode: 'read-write' })
  })

  test('goes on writing in a freeze that accepts it, which then guarantees nothing, and tells what it let pass', async () => {
    const told: ClusterEvents['would-refuse'][] = []
    reporter.on('would-refuse', (event) => told.push(event))
    const acked: string[] = []
    reporter.on('acked', ({ epoch }) => acked.push(epoch))
    const freeze = await enforcer.freeze({ reason: 'rehearsal', acceptReporting: true })
    expect(freeze).toMatchObject({ guarantee: 'none', reporting: [reporter.state.nodeId] })
    expect(freeze.acks.map(({ nodeId }) => nodeId)).toEqual([enforcer.state.nodeId])
    expect(acked).not.toContain(freeze.epoch)
    gateOf(reporter).admit(insertEntry()).end('answered')
    gateOf(reporter).admit(insertEntry()).end('answered')
    reporter.assertWritable('send mail')
    expect(() => gateOf(enforcer).admit(insertEntry())).toThrow('rehearsal')
    await freeze.thaw()

    expect(told).toMatchObject([
      { error: { table: 'entry', reason: 'rehearsal' }, count: 1 },
      { count: 2, callSite: expect.stringContaining('report-only.test.ts') },
      { error: { operation: 'send mail' } },
    ])
    expect(reporter.state).toMatchObject({
      mode: 'read-write',
      enforcement: 'report',
      wouldRefuse: [
        { table: 'entry', operation: 'insert', count: 2 },
        { operation: 'send mail', count: 1 },
      ],
    })
    expect(lines.filter(({ message }) => message.startsWith('would refuse'))).toHaveLength(2)
  })

  test('is known as one to everybody', async () => {
    const nodes = await enforcer.nodes()
    expect(nodes.map(({ enforcement }) => enforcement).sort()).toEqual(['enforce', 'report'])
  })

  test('a name that the database lacks is told at start, for it exempts nothing (catches a mistyped exemption)', async () => {
    const { defaultSchema } = { defaultSchema: kind === 'postgres' ? 'public.' : '' }
    const named = database.cluster({
      namespace: 'names',
      exempt: { entry: true, entrys: true },
      skip: { nothing: true },
    })
    const warnings: string[] = []
    named.on('warning', ({ message }) => warnings.push(message))
    await named.start()
    expect(warnings.filter((message) => message.includes('names tables'))).toEqual([
      expect.stringContaining(
        `exempt names tables that the database of the coordination does not have: ${defaultSchema}entrys.`,
      ),
      expect.stringContaining(
        `skip names tables that the database of the coordination does not have: ${defaultSchema}nothing.`,
      ),
    ])
  })

  test('the functions that the policy names are refused, or let pass, in a read', async () => {
    const strict = database.cluster({
      namespace: 'functions',
      sql: { functions: { effectful: ['touch_all'], harmless: ['my_total', 'nextval'] }, strict: true },
    })
    await strict.start()
    const freeze = await strict.freeze({ reason: 'x', awaitServer: false })
    const { admit } = { admit: (sql: string) => gateOf(strict).admit(sql) }
    expect(() => admit('SELECT touch_all()')).toThrow('calls touch_all()')
    expect(() => admit('SELECT other_function()')).toThrow('not known to be harmless')
    admit('SELECT my_total(1)')
    admit("SELECT nextval('s')")
    await freeze.thaw()
  })
})
