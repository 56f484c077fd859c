import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isReadOnlyError } from '@quiesce/core/adapter'
import { wantedDatabases } from '@quiesce/test-servers'
import { attachReadOnly } from '@quiesce/typeorm'
import mysql, { type PoolConnection } from 'mysql2'
import * as typeorm from 'typeorm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { POOL_SIZE } from '../fixture.ts'
import type { MysqlFixture, MysqlKind } from './mysql-fixture.ts'
import { mysqlTarget } from './mysql-target.ts'

const INSERT = `INSERT INTO setting (name) VALUES ('x')`
const SLOW = `INSERT INTO setting (name) SELECT sleep(0.3)`

const kinds = wantedDatabases().filter((kind): kind is MysqlKind => kind !== 'postgres')

describe.each(kinds)('the connections of mysql2 on %s', (kind) => {
  let fixture: MysqlFixture
  beforeEach(async () => {
    fixture = await mysqlTarget(kind).open(typeorm)
  })
  afterEach(async () => {
    expect(await fixture.leaks()).toEqual([])
    await fixture[Symbol.asyncDispose]()
  })

  const status = () => fixture.node.gate.drain()
  const connection = (): Promise<PoolConnection> =>
    new Promise((resolve, reject) => {
      fixture.pool.getConnection((error, taken) => (error === null ? resolve(taken) : reject(error)))
    })

  it('count a statement until the server has answered, though its stream is destroyed', async () => {
    const runner = fixture.db.createQueryRunner()
    const stream = await runner.stream(SLOW)
    stream.destroy()
    await sleep(50)
    fixture.node.beginFreeze()
    expect(status().inFlight).toBe(1)
    await fixture.node.drained()
    expect(await fixture.settings()).toBe(1)
    await runner.release()
  })

  it('count a statement whose time-out has passed as unknown', async () => {
    const taken = await connection()
    const write = taken.promise().query({ sql: SLOW, timeout: 50 })
    await expect(write).rejects.toMatchObject({ code: 'PROTOCOL_SEQUENCE_TIMEOUT' })
    fixture.node.beginFreeze()
    expect(status()).toMatchObject({ inFlight: 0, unknown: 1 })
    fixture.node.gate.forgetUnknown(fixture.node.gate.unknownWrites())
    await taken.promise().ping()
    taken.release()
  })

  it.each(['query', 'execute'] as const)(
    'count a %s until its end when its connection is destroyed',
    async (method) => {
      const taken = await connection()
      taken[method](SLOW).on('error', () => {})
      await sleep(50)
      taken.destroy()
      await sleep(50)
      fixture.node.beginFreeze()
      expect(status().inFlight).toBe(1)
      await fixture.node.drained()
      expect(await fixture.settings()).toBe(1)
    },
  )

  it('count a statement without a callback on a connection that is lost as unknown', async () => {
    const taken = await connection()
    taken.on('error', () => {})
    taken.query(SLOW)
    await sleep(50)
    await fixture.cutAll()
    await expect.poll(() => status().unknown).toBe(1)
    fixture.node.gate.forgetUnknown(fixture.node.gate.unknownWrites())
  })

  it('belong to their next user at once when one waits for them', async () => {
    const users = await Promise.all(Array.from({ length: POOL_SIZE }, connection))
    const [leaving, ...others] = users
    await leaving?.promise().query('START TRANSACTION')
    await leaving?.promise().query(INSERT)
    const next = connection()
    leaving?.release()
    expect(status().unknown).toBe(1)
    fixture.node.gate.forgetUnknown(fixture.node.gate.unknownWrites())
    const taken = await next
    fixture.node.beginFreeze()
    expect(status().inFlight).toBe(0)
    await taken.promise().query('ROLLBACK')
    for (const user of [taken, ...others]) user.release()
  })

  it('answer a refused statement once, also when it can not even be prepared', async () => {
    const taken = await connection()
    await fixture.node.freeze()
    const errors: unknown[] = []
    for (const sql of [INSERT, 'INSERT INTO nothing VALUES (1)', 'nonsense']) {
      await new Promise<void>((resolve) => {
        taken.execute(sql, (error: unknown) => {
          errors.push(error)
          resolve()
        })
      })
    }
    await taken.promise().ping()
    expect(errors).toHaveLength(3)
    expect(isReadOnlyError(errors[0])).toBe(true)
    taken.release()
  })

  it('decide on what values add to an admitted text (catches a protected column in an exempt update)', async () => {
    await using other = await mysqlTarget(kind).open(typeorm, { exempt: { setting: ['value'] } })
    await other.node.freeze()
    const update = (value: unknown) => other.db.query('UPDATE setting SET value = ?', [value])
    await update("it's; more")
    await update(mysql.raw("concat('a', 'b')"))
    for (const more of [mysql.raw("'x', name = 'y'"), ['z', mysql.raw("name = 'y'")]]) {
      await expect(update(more)).rejects.toMatchObject({ kind: 'QUIESCE_READ_ONLY', columns: ['name'] })
    }
    const file = mysql.raw("1 INTO OUTFILE 'quiesce-test'")
    await expect(other.db.query('SELECT ?', [file])).rejects.toSatisfy(isReadOnlyError)
    expect(await other.db.query('SELECT DISTINCT name, value FROM setting')).not.toContainEqual(
      expect.objectContaining({ name: 'y' }),
    )
    expect(await other.leaks()).toEqual([])
  })

  it('keep the order of what is refused and what is not', async () => {
    const taken = await connection()
    await fixture.node.freeze()
    const ends: string[] = []
    const note = (name: string) => () => ends.push(name)
    const all = [
      once(taken.query('SELECT 1').on('end', note('read')), 'end'),
      once(taken.query(INSERT).on('error', note('refusal')), 'error').catch(() => {}),
      once(taken.query('SELECT 2').on('end', note('read')), 'end'),
    ]
    await Promise.all(all)
    expect(ends.toSorted()).toEqual(['read', 'read', 'refusal'])
    taken.release()
  })

  it('are guarded from the first time that they come back, when the guard comes late', async () => {
    await using other = await mysqlTarget(kind).open(typeorm, { attach: () => {} })
    const take = (): Promise<PoolConnection> =>
      other.pool
        .promise()
        .getConnection()
        .then((it) => it.connection as never)
    const users = await Promise.all(Array.from({ length: POOL_SIZE }, take))
    attachReadOnly(fixture.node.cluster, other.db)
    await fixture.node.freeze()
    const next = take()
    users[0]?.release()
    const taken = await next
    await expect(taken.promise().query(INSERT)).rejects.toSatisfy(isReadOnlyError)
    for (const user of [taken, ...users.slice(1)]) user.release()
  })

  it('of a cluster for replication are guarded', async () => {
    const { url } = fixture
    const replication = { master: { url }, slaves: [{ url }] }
    const db = new typeorm.DataSource(mysqlTarget(kind).options(typeorm, url, { replication }))
    attachReadOnly(fixture.node.cluster, db)
    await db.initialize()
    await fixture.node.freeze()
    const cluster = Reflect.get(db.driver, 'poolCluster')
    for (const name of ['MASTER', 'SLAVE0']) {
      const taken: PoolConnection = await new Promise((resolve, reject) => {
        cluster.getConnection(name, (error: unknown, found: PoolConnection) => (error ? reject(error) : resolve(found)))
      })
      await expect(taken.promise().query(INSERT)).rejects.toSatisfy(isReadOnlyError)
      await expect(taken.promise().execute(INSERT)).rejects.toSatisfy(isReadOnlyError)
      taken.release()
    }
    await db.destroy()
  })
})
