import type { UnguardedWrite } from '@quiesce/core'
import { type Cluster, detectUnguardedWrites } from '@quiesce/core'
import { guarded as askAndSend, gateOf } from '@quiesce/core/adapter'
import { attachReadOnly } from '@quiesce/typeorm'
import mysql from 'mysql2/promise'
import { DataSource, EntitySchema } from 'typeorm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeOn, type TestDatabase, testDatabase } from '../support/database.ts'
import { calmOptions } from './story.ts'

const Entry = new EntitySchema<{ id: string }>({
  name: 'Entry',
  tableName: 'entry',
  columns: { id: { type: 'varchar', length: 36, primary: true } },
})

// mysql2 is the one driver that publishes its statements, so one product of its two is enough.
describeOn('mysql')('unguarded writes on %s', (kind) => {
  let db: TestDatabase
  let cluster: Cluster
  let guarded: DataSource
  let found: UnguardedWrite[] = []
  let stop: () => void

  beforeAll(async () => {
    db = await testDatabase('unguarded', kind)
    cluster = db.cluster(calmOptions)
    stop = detectUnguardedWrites(cluster)
    cluster.on('unguarded', (write) => void found.push(write))
    guarded = new DataSource({ type: 'mysql', url: db.url, entities: [Entry] })
    attachReadOnly(cluster, guarded)
    await guarded.initialize()
    await cluster.start()
  })
  beforeEach(() => {
    found = []
  })
  afterAll(async () => {
    stop?.()
    await guarded?.destroy()
    await db?.drop()
  })

  test('are named by table, operation and call site, from a connection and from a pool', async () => {
    const connection = await mysql.createConnection({ uri: db.url })
    await connection.query('INSERT INTO entry (id) VALUES (?)', ['a'])
    await connection.execute('UPDATE entry SET id = ? WHERE id = ?', ['b', 'a'])
    await connection.end()
    const pool = mysql.createPool({ uri: db.url })
    await pool.query('DELETE FROM entry WHERE id = ?', ['b'])
    await pool.query('SELECT count(*) FROM entry')
    await pool.end()
    expect(found).toEqual(
      ['insert', 'update', 'delete'].map((operation) => ({
        system: 'mysql',
        table: 'entry',
        operation,
        callSite: expect.stringContaining('unguarded.test.ts'),
      })),
    )
  })

  test('are none that a guard was asked about, nor our own (catches a detector that cries wolf)', async () => {
    const entries = guarded.getRepository(Entry)
    await entries.insert({ id: 'c' })
    await entries.update({ id: 'c' }, { id: 'd' })
    await guarded.transaction(async (manager) => {
      await manager.query('INSERT INTO entry (id) VALUES (?)', ['e'])
      await manager.delete(Entry, { id: 'e' })
    })
    await guarded.query("DELETE FROM entry WHERE id = 'd'")
    const freeze = await cluster.freeze({ reason: 'x' })
    await expect(entries.insert({ id: 'f' })).rejects.toMatchObject({ kind: 'QUIESCE_READ_ONLY' })
    await freeze.thaw()
    expect(found).toEqual([])
  })

  test('sent by whoever asks the gate himself are guarded too', async () => {
    const connection = await mysql.createConnection({ uri: db.url })
    const gate = gateOf(cluster)
    for (const sql of [`INSERT INTO entry (id) VALUES ('h')`, `DELETE FROM entry WHERE id = 'h'`])
      await askAndSend(gate, gate, sql, () => connection.query(sql))
    await connection.end()
    expect(found).toEqual([])
  })

  test('behind the ORM, on a connection of its own pool, are guarded too', async () => {
    const pool = Reflect.get(guarded.driver, 'pool').promise()
    await pool.query('INSERT INTO entry (id) VALUES (?)', ['g'])
    await pool.execute('DELETE FROM entry WHERE id = ?', ['g'])
    expect(found).toEqual([])
  })
})
