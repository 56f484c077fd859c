import { setTimeout as delay } from 'node:timers/promises'
import { createCluster, type Freeze, type FreezeOptions, isQuiesceError } from '@quiesce/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { databases, describeOn, fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { documentedGrants } from '../support/documented-grants.ts'
import { eventually } from '../support/eventually.ts'
import { mysqlFamilyInTime } from '../support/long.ts'

const grants = documentedGrants('fence-mysql.md', 'fence')

describeOn(...mysqlFamilyInTime(databases))('on %s a fence', (kind) => {
  let db: TestDatabase

  beforeEach(async () => {
    db = await testDatabase('raising', kind)
    await db.query('CREATE TABLE shelf (id int PRIMARY KEY, v int)')
    await db.query('INSERT INTO shelf VALUES (1, 1)')
  })
  afterEach(() => db.drop())

  const freezer = async (): Promise<(options?: Partial<FreezeOptions>) => Promise<Freeze>> => {
    // A lease that a busy machine can renew: nobody takes over here.
    const cluster = db.cluster({ freezeLeaseMs: 10_000 })
    await cluster.start()
    return (options = {}) =>
      cluster.freeze({ reason: 'raising', fence: 'required', drainTimeoutMs: 800, ackTimeoutMs: 5000, ...options })
  }
  const triggers = async (): Promise<readonly string[]> => {
    const rows = await db.query(
      `SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
        UNION ALL SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()`,
    )
    return rows.map(({ name }) => name as string).filter((name) => name.startsWith('quiesce_'))
  }
  const refusal = (sql: string, query = db.query): Promise<string> =>
    query(sql).then(
      () => 'passed',
      ({ message }: Error) => message.slice(0, 14),
    )

  test('waits for a transaction that has written, and refuses the next statement of any session (catches a fence that is not the drain)', async () => {
    const freeze = await freezer()
    const writer = await db.connect()
    await writer.query('START TRANSACTION')
    await writer.query('UPDATE shelf SET v = 2')
    const frozen = freeze()
    let isFrozen = false
    void frozen.then(() => {
      isFrozen = true
    })
    await eventually('the freeze to have begun', async () => (await db.state()).mode === 'draining')
    expect(isFrozen).toBe(false)
    await writer.query('COMMIT')
    const { guarantee, thaw } = await frozen
    expect(guarantee).toBe('fenced')
    expect(await refusal('UPDATE shelf SET v = 3', writer.query)).toBe('quiesce fence:')
    expect(await db.query('SELECT v FROM shelf')).toEqual([{ v: 2 }])
    await thaw()
    expect(await refusal('UPDATE shelf SET v = 3', writer.query)).toBe('passed')
    expect(await triggers()).toEqual([])
    await writer.end()
  })

  test('that a reader keeps from being raised names it, stops no other reader for long, and leaves nothing; or ends it on wish', async () => {
    const freeze = await freezer()
    const reader = await db.connect('report')
    await reader.query('START TRANSACTION')
    await reader.query('SELECT * FROM shelf')
    const [{ id } = {}] = await reader.query('SELECT CONNECTION_ID() AS id')
    let longestMs = 0
    let isOver = false
    const others = (async () => {
      const other = await db.connect()
      while (!isOver) {
        const startedAtMs = performance.now()
        await other.query('SELECT * FROM shelf')
        longestMs = Math.max(longestMs, performance.now() - startedAtMs)
      }
      await other.end()
    })()
    const failure = await freeze().catch((error: unknown) => error)
    expect(isQuiesceError(failure) && failure.kind).toBe('QUIESCE_FENCE')
    expect((failure as Error).message).toContain(`pid ${id}`)
    expect(await triggers()).toEqual([])
    isOver = true
    await others
    // An attempt waits for 200 ms at most; the rest is the machine's.
    expect(longestMs).toBeLessThan(900)

    const unfenced = await freeze({ fence: 'auto' })
    expect(unfenced.guarantee).toBe('acknowledged')
    expect(unfenced.fence.reason).toContain(`pid ${id}`)
    await unfenced.thaw()
    const fenced = await freeze({ terminateBlockers: true })
    expect(fenced.guarantee).toBe('fenced')
    await fenced.thaw()
  })

  test('gives the writes back at once although a reader keeps it from being removed, and is removed when that ends', async () => {
    const { thaw } = await (await freezer())()
    const reader = await db.connect()
    await reader.query('START TRANSACTION')
    await reader.query('SELECT * FROM shelf')
    const thawed = thaw()
    await eventually('writes to pass', async () => (await refusal('UPDATE shelf SET v = v + 1')) === 'passed')
    expect((await triggers()).length).toBeGreaterThan(0)
    await thawed
    await reader.query('COMMIT')
    await eventually('the fence to be gone', async () => (await triggers()).length === 0)
    await reader.end()
  })

  test('that an open transaction keeps as it is ends with that transaction, and the thaw waits for it (catches a thaw that takes its first step for done)', async () => {
    const { thaw } = await (await freezer())()
    const writer = await db.connect()
    await writer.query('START TRANSACTION')
    // Refused, and still it keeps the table and the function as they are until it ends.
    expect(await refusal('UPDATE shelf SET v = 3', writer.query)).toBe('quiesce fence:')
    // Longer than all attempts on the function take together.
    const ending = delay(6000).then(() => writer.query('ROLLBACK'))
    await thaw()
    expect(await refusal('UPDATE shelf SET v = v + 1')).toBe('passed')
    await ending
    await writer.end()
  })

  test('whose function was dropped refuses everybody, in sessions that knew it and in new ones (catches a NULL that passes)', async () => {
    const freeze = await (await freezer())()
    const known = await db.connect()
    expect(await refusal('UPDATE shelf SET v = 9', known.query)).toBe('quiesce fence:')
    const [name] = (await triggers()).filter((one) => /_[0-9a-f]{12}$/.test(one))
    await db.query(`DROP FUNCTION ${name}`)
    const fresh = await db.connect()
    for (const { query } of [known, fresh]) {
      await query('SET @quiesce_token = ?', [freeze.token])
      expect(await refusal('UPDATE shelf SET v = 9', query)).toBe('quiesce fence:')
      expect(await refusal('INSERT INTO shelf VALUES (9, 9)', query)).toBe('quiesce fence:')
      expect(await refusal('DELETE FROM shelf', query)).toBe('quiesce fence:')
    }
    await freeze.thaw()
    expect(await triggers()).toEqual([])
    await Promise.all([known.end(), fresh.end()])
  })

  test('of another database of the server is left alone by a cluster of the same name, whose nodes find no freeze for it', async () => {
    const freeze = await (await freezer())()
    const other = await testDatabase('neighbour', kind)
    const node = other.cluster({ freezeLeaseMs: 10_000 })
    await node.start()
    await (await node.freeze({ reason: 'mine', fence: 'required' })).thaw()
    await freeze.assertHeld()
    expect(await refusal('UPDATE shelf SET v = 9')).toBe('quiesce fence:')
    // A dump of it that was restored beside the other's tables is an orphan there, and is removed.
    const bodies = await db.query(
      `SELECT TRIGGER_NAME AS name, EVENT_MANIPULATION AS event, ACTION_STATEMENT AS body FROM information_schema.TRIGGERS
        WHERE TRIGGER_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = 'shelf'`,
    )
    await other.query('CREATE TABLE shelf (id int PRIMARY KEY, v int)')
    for (const { name, event, body } of bodies)
      await other.query(`CREATE TRIGGER ${name} BEFORE ${event} ON shelf FOR EACH ROW ${body}`)
    expect(await refusal('INSERT INTO shelf VALUES (1, 1)', other.query)).toBe('quiesce fence:')
    await other.cluster({ application: 'next' }).start()
    await eventually(
      'the orphan to be gone',
      async () => (await refusal('INSERT INTO shelf VALUES (1, 1)', other.query)) === 'passed',
    )
    expect(await refusal('UPDATE shelf SET v = 9')).toBe('quiesce fence:')
    await freeze.thaw()
    await other.drop()
  })

  test('that the account may not make is not begun: everything that lacks is told at once', async () => {
    const account = `'fence_${Math.random().toString(36).slice(2, 10)}'@'%'`
    await db.query(`CREATE USER ${account} IDENTIFIED BY 'secret'`)
    const database = new URL(db.url).pathname.slice(1)
    // As administrators write it: without the backslash the underscore would stand for any character.
    const schema = `\`${database.replace('_', '\\_')}\`.*`
    await db.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema} TO ${account}`)
    const own = new URL(db.url)
    own.username = account.slice(1, account.indexOf("'@"))
    own.password = 'secret'
    const cluster = createCluster({ database: own.href, ...fastOptions, freezeLeaseMs: 10_000 })
    const failure = await cluster.freeze({ reason: 'x', fence: 'required' }).catch((error: unknown) => error)
    expect(isQuiesceError(failure) && failure.kind).toBe('QUIESCE_FENCE')
    for (const part of [
      'GRANT TRIGGER',
      `${database}.shelf`,
      'GRANT CREATE ROUTINE',
      'log_bin_trust_function_creators',
    ])
      expect((failure as Error).message).toContain(part)
    expect((await db.state()).mode).toBe('read-write')
    const unfenced = await cluster.freeze({ reason: 'x', awaitServer: false })
    expect(unfenced.guarantee).toBe('acknowledged')
    expect(unfenced.fence.reason).toContain('GRANT TRIGGER')
    await unfenced.thaw()

    await db.query('SET GLOBAL log_bin_trust_function_creators = 1')
    const role = `role_${Math.random().toString(36).slice(2, 10)}`
    await db.query(`CREATE ROLE ${role}`)
    for (const line of grants) await db.query(line.replace('shop.*', schema).replace('app', role))
    await db.query(`GRANT ${role} TO ${account}`)
    await db.query(`SET DEFAULT ROLE ${role} ${kind === 'mysql' ? 'TO' : 'FOR'} ${account}`)
    // On MariaDB a trigger runs without the roles of whoever made it.
    const byRole = await cluster.fenceSurvey()
    expect(byRole?.obstacles.map((obstacle) => obstacle.includes('GRANT TRIGGER'))).toEqual(
      kind === 'mysql' ? [] : [true],
    )
    for (const line of grants) await db.query(line.replace('shop.*', schema).replace('app', account))
    const fenced = await cluster.freeze({ reason: 'x', fence: 'required', awaitServer: false })
    expect(fenced.guarantee).toBe('fenced')
    await expect(db.query('UPDATE shelf SET v = 9')).rejects.toThrow('quiesce fence:')
    await fenced.thaw()
    await cluster.close()
    await db.query('SET GLOBAL log_bin_trust_function_creators = 0')
    await db.query(`DROP ROLE ${role}`)
    await db.query(`DROP USER ${account}`)
  })
})
