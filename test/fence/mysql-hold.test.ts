import { startMariadb, startMysql } from '@quiesce/test-servers'
import { afterEach, expect, test } from 'vitest'
import { databases, describeOn, fastOptions, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { mysqlFamilyInTime } from '../support/long.ts'
import { nodeProcesses } from '../support/node-process.ts'

const processes = nodeProcesses()

const start = { mysql: startMysql, mariadb: startMariadb }

describeOn(...mysqlFamilyInTime(databases))('on %s a freeze', (kind) => {
  afterEach(() => processes.endAll())

  test('holds DDL back on wish, in nobody’s way but that of DDL, until it is ended by whomever (catches a hold that outlives a holder that is paused)', async () => {
    // Of its own: the hold is in the way of every test on the server.
    await using server = await start[kind]()
    const db = await testDatabase('hold', kind, server.url)
    await db.query('CREATE TABLE shelf (id int PRIMARY KEY, v int)')
    await db.query('INSERT INTO shelf VALUES (1, 1)')
    const owner = await db.connect()
    await owner.query('SET SESSION lock_wait_timeout = 1')
    const answer = (sql: string): Promise<string> =>
      owner.query(sql).then(
        () => 'passed',
        ({ message }: Error) => message,
      )
    const holder = processes.spawn({ url: db.url, guard: 'driver', cluster: { ...fastOptions, freezeLeaseMs: 10_000 } })
    await holder.call('start')
    const { id } = await holder.call('freeze', { reason: 'hold', fence: 'required', holdDdl: true })
    const truncated = answer('TRUNCATE shelf')
    expect(await db.query('SELECT v FROM shelf')).toEqual([{ v: 1 }])
    await expect(db.query('UPDATE shelf SET v = 9')).rejects.toThrow('quiesce fence:')
    expect(await truncated).toContain('Lock wait timeout')

    // Another node ends it while the holder is paused, and its connection as alive as ever.
    holder.signal('SIGSTOP')
    const other = db.cluster({ freezeLeaseMs: 10_000 })
    await other.thaw(id, { force: true, reason: 'enough' })
    expect(await answer('TRUNCATE shelf')).toBe('passed')
    expect(await answer('INSERT INTO shelf VALUES (1, 1)')).toBe('passed')
    await eventually('the fence to be gone', async () => (await other.fences()).length === 0)
    await holder.kill()

    // The holder's own thaw.
    const again = await other.freeze({ reason: 'hold', fence: 'required', holdDdl: true })
    expect(again.fence.gaps.map(({ kind: of }) => of)).not.toContain('ddl')
    expect(await answer('ALTER TABLE shelf ADD COLUMN w int')).toContain('Lock wait timeout')
    await again.thaw()
    expect(await answer('ALTER TABLE shelf ADD COLUMN w int')).toBe('passed')
    await owner.end()
    await db.drop()
  })
})
