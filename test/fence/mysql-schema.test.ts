import { type Cluster, type FreezeOptions, isReadOnlyError } from '@quiesce/core'
import { gateOf } from '@quiesce/core/adapter'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase, testDatabase } from '../support/database.ts'
import { documentedGrants } from '../support/documented-grants.ts'
import { eventually } from '../support/eventually.ts'

const grants = documentedGrants('fence-mysql.md', 'schema fence')

const nameOf = ({ url }: TestDatabase): string => new URL(url).pathname.slice(1)
const wish = { reason: 'schemas', fence: 'required', fenceBackend: 'schema', drainTimeoutMs: 500 } as const

describe.runIf(databases.includes('mysql'))('READ ONLY schemas', () => {
  let db: TestDatabase
  let home: TestDatabase
  let cluster: Cluster

  beforeAll(async () => {
    db = await testDatabase('schema', 'mysql')
    home = await testDatabase('schema_home', 'mysql')
    await db.query('CREATE TABLE shelf (id int PRIMARY KEY, v int)')
    await db.query('INSERT INTO shelf VALUES (1, 1)')
    // Made by the test's support; here the coordination tables are elsewhere.
    await db.query(
      'DROP TABLE quiesce_version, quiesce_cluster, quiesce_freeze, quiesce_node, quiesce_lock, quiesce_event, quiesce_row_lock, quiesce_run, quiesce_run_token',
    )
    cluster = member()
    await cluster.start()
  })
  afterAll(async () => {
    await db.query(`ALTER SCHEMA ${nameOf(db)} READ ONLY = 0`)
    await db.drop()
    await home.drop()
  })

  const member = (): Cluster => db.cluster({ schema: nameOf(home), freezeLeaseMs: 10_000 })
  const isReadOnly = async (): Promise<boolean> => {
    const [row] = await db.query(
      `SELECT OPTIONS AS options FROM information_schema.SCHEMATA_EXTENSIONS WHERE SCHEMA_NAME = '${nameOf(db)}'`,
    )
    return String(row?.['options']).includes('READ ONLY=1')
  }
  const markers = async (): Promise<readonly string[]> => {
    const rows = await home.query(
      `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_COMMENT LIKE 'quiesce fence%'`,
    )
    return rows.map(({ name }) => String(name))
  }
  const obstacles = (wanted: Partial<FreezeOptions> = {}, by: Cluster = cluster): Promise<readonly string[]> =>
    by.freeze({ ...wish, ...wanted }).then(
      async (freeze) => {
        await freeze.thaw()
        return []
      },
      (error: { data: { obstacles: readonly string[] } }) => error.data.obstacles,
    )

  test('wait for an open writer, refuse everybody, and are given back (catches a switch that is not the drain)', async () => {
    const writer = await db.connect()
    await writer.query('START TRANSACTION')
    await writer.query('UPDATE shelf SET v = 2')
    const frozen = cluster.freeze({ ...wish, drainTimeoutMs: 9000 })
    await eventually('the switch to be waited for', async () => (await markers()).length === 1)
    expect(await isReadOnly()).toBe(false)
    await writer.query('COMMIT')
    const freeze = await frozen
    expect(freeze).toMatchObject({ guarantee: 'fenced', token: undefined })
    expect(freeze.fence).toMatchObject({ backend: 'schema', refusesHolder: true })
    const failure = await writer.query('UPDATE shelf SET v = 3').catch((error: unknown) => error)
    const refused = gateOf(cluster).refusalIn(failure)
    expect(isReadOnlyError(refused)).toBe(true)
    expect(refused).toMatchObject({ freezeId: freeze.id, reason: 'schemas', because: 'freeze' })
    expect(await db.query('SELECT v FROM shelf')).toEqual([{ v: 2 }])
    await freeze.thaw()
    await writer.query('UPDATE shelf SET v = 3')
    expect(await markers()).toEqual([])
    await writer.end()
  })

  test('that a writer keeps from being thrown name it, and leave nothing (catches a switch that is thrown late)', async () => {
    const writer = await db.connect()
    await writer.query('START TRANSACTION')
    await writer.query('UPDATE shelf SET v = v + 1')
    const [{ id } = {}] = await writer.query('SELECT CONNECTION_ID() AS id')
    const failure: unknown = await cluster.freeze(wish).catch((error: unknown) => error)
    await writer.query('COMMIT')
    await writer.end()
    expect(failure).toMatchObject({ kind: 'QUIESCE_DRAIN_TIMEOUT', writers: [expect.objectContaining({ pid: id })] })
    expect([await isReadOnly(), await markers()]).toEqual([false, []])
  })

  test('stay for as long as one of two freezes needs them (catches a thaw that takes the other’s away)', async () => {
    const [first, second] = [await cluster.freeze(wish), await cluster.freeze(wish)]
    await first.thaw()
    expect(await isReadOnly()).toBe(true)
    await expect(db.query('UPDATE shelf SET v = 5')).rejects.toThrow('read only mode')
    await second.thaw()
    expect([await isReadOnly(), await markers()]).toEqual([false, []])
  })

  test('of a holder that is gone are found by the next node, and those of somebody else left alone (catches a janitor that lifts what is not ours)', async () => {
    const freeze = await cluster.freeze(wish)
    const [{ name } = { name: '' }] = await cluster.fences()
    await freeze.thaw()
    await cluster.close()
    const list = `quiesce fence of schemas: ${JSON.stringify([nameOf(db)])}`
    await home.query(`CREATE TABLE ${name} (id int) COMMENT '${list}'`)
    await db.query(`ALTER SCHEMA ${nameOf(db)} READ ONLY = 1`)
    const next = member()
    await next.start()
    cluster = next
    await eventually('the leftover to be lifted', async () => !(await isReadOnly()) && (await markers()).length === 0)
    await db.query(`ALTER SCHEMA ${nameOf(db)} READ ONLY = 1`)
    expect(await obstacles({}, next)).toEqual([expect.stringContaining('READ ONLY already, and by no fence')])
    expect(await next.liftFences({ foreign: true })).toEqual([])
    expect(await isReadOnly()).toBe(true)
    await db.query(`ALTER SCHEMA ${nameOf(db)} READ ONLY = 0`)
  })

  test('are not in the way of a process that is paused with the lock of the switch (catches a freeze that nobody can end)', async () => {
    const freeze = await cluster.freeze(wish)
    const paused = await db.connect()
    await paused.query("SELECT GET_LOCK('quiesce schema switch', 0)")
    await freeze.thaw()
    expect(await isReadOnly()).toBe(false)
    await paused.end().catch(() => {})
  })

  test('have no exemptions, and need the coordination tables elsewhere, the rights, and a server that has them (catches a survey that promises too much)', async () => {
    expect(await obstacles({ exempt: { shelf: ['v'] } })).toEqual([expect.stringContaining('shelf')])
    expect(await obstacles({ tables: { exclude: ['shelf'] } })).toEqual([expect.stringContaining('shelf')])
    expect(await obstacles({}, home.cluster())).toEqual([expect.stringContaining('heartbeat of every node')])
    const account = `weak_${Math.random().toString(36).slice(2)}`
    await db.query(`CREATE USER ${account} IDENTIFIED BY 'secret'`)
    await db.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON \`${nameOf(db)}\`.* TO ${account}`)
    await db.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON \`${nameOf(home)}\`.* TO ${account}`)
    const url = new URL(db.url)
    url.username = account
    url.password = 'secret'
    const weak = db.cluster({ database: url.href, schema: nameOf(home) })
    expect(await obstacles({}, weak)).toEqual([
      expect.stringContaining(`GRANT ALTER ON \`${nameOf(db)}\`.*`),
      expect.stringContaining(`GRANT CREATE, ALTER, DROP ON \`${nameOf(home)}\`.*`),
    ])
    for (const grant of grants) {
      const named = grant.replace('shop.*', `\`${nameOf(db)}\`.*`).replace('quiesce.*', `\`${nameOf(home)}\`.*`)
      await db.query(named.replace('TO app', `TO ${account}`))
    }
    expect(await obstacles({}, weak)).toEqual([])
    await db.query(`DROP USER ${account}`)
  })

  test('hold back cascades from a table of another database, and are in the binary log with their marker', async () => {
    await home.query('CREATE TABLE parent (id int PRIMARY KEY)')
    await db.query(
      `CREATE TABLE child (p int, FOREIGN KEY (p) REFERENCES \`${nameOf(home)}\`.parent (id) ON DELETE CASCADE ON UPDATE CASCADE)`,
    )
    await home.query('INSERT INTO parent VALUES (1)')
    await db.query('INSERT INTO child VALUES (1)')
    const freeze = await cluster.freeze(wish)
    const verdicts = await Promise.all(
      ['DELETE FROM parent', 'UPDATE parent SET id = 2'].map((sql) => home.query(sql).then(() => 'passes', String)),
    )
    expect(verdicts).toEqual([expect.stringContaining('read only mode'), expect.stringContaining('read only mode')])
    const [{ File: file = '' } = {}] = await db.query('SHOW BINARY LOG STATUS')
    const events = await db.query(`SHOW BINLOG EVENTS IN '${file}'`)
    const logged = events.map(({ Info: info }) => String(info))
    expect(logged.filter((text) => text.includes(`ALTER SCHEMA \`${nameOf(db)}\` READ ONLY = 1`))).not.toEqual([])
    const [marker] = await markers()
    expect(
      logged.filter((text) => text.includes(`CREATE TABLE IF NOT EXISTS \`${nameOf(home)}\`.\`${marker}\``)),
    ).toHaveLength(1)
    await freeze.thaw()
    await home.query('DELETE FROM parent')
    expect(await db.query('SELECT * FROM child')).toEqual([])
  })

  test('are waited for by a transaction that is prepared (XA)', async () => {
    const one = await db.connect()
    for (const sql of ["XA START 'x'", 'UPDATE shelf SET v = 9', "XA END 'x'", "XA PREPARE 'x'"]) await one.query(sql)
    await one.end()
    const failure: unknown = await cluster.freeze(wish).catch((error: unknown) => error)
    await db.query("XA ROLLBACK 'x'")
    expect(failure).toMatchObject({
      kind: 'QUIESCE_DRAIN_TIMEOUT',
      writers: [expect.objectContaining({ application: 'prepared XA transaction' })],
    })
    expect(await isReadOnly()).toBe(false)
  })
})

test.runIf(databases.includes('mariadb'))('MariaDB has no READ ONLY schemas, and says so', async () => {
  const db = await testDatabase('schemaless', 'mariadb')
  try {
    await expect(db.cluster().freeze(wish)).rejects.toThrow(/has no READ ONLY schemas/)
  } finally {
    await db.drop()
  }
})
