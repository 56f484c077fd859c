import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCluster } from '@quiesce/core'
import { gateOf } from '@quiesce/core/adapter'
import { startMysql, startPostgres, wantedDatabases } from '@quiesce/test-servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../packages/core/src/cluster/system-clock.ts'
import { databases, fastOptions, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { connectRaw } from '../support/raw-connection.ts'

const startOn = async (database: string): Promise<unknown> => {
  const cluster = createCluster({ database, ...fastOptions })
  return cluster
    .start()
    .then(
      () => 'started',
      (error: unknown) => error,
    )
    .finally(() => cluster.close())
}

describe('a coordination database that takes no writes is refused, with what to do', () => {
  if (wantedDatabases().includes('postgres')) {
    test('a hot standby of PostgreSQL', async () => {
      await using server = await startPostgres({ keep: true })
      const cluster = createCluster({ database: server.url })
      await cluster.migrate()
      await cluster.start()
      await cluster.close()
      await server.stop()
      writeFileSync(join(server.dataDir, 'standby.signal'), '')
      await using standby = await startPostgres({ dataDir: server.dataDir })
      expect(await startOn(standby.url)).toMatchObject({
        kind: 'QUIESCE_DATABASE',
        message: expect.stringMatching(/standby.*primary/),
      })
      await standby.stop()
      rmSync(server.dataDir, { recursive: true, force: true })
    })
  }

  if (wantedDatabases().includes('mysql')) {
    test('a MySQL server that is read-only', async () => {
      await using server = await startMysql()
      const url = await server.createDatabase('replica')
      const cluster = createCluster({ database: url })
      await cluster.migrate()
      await cluster.start()
      await cluster.close()
      const admin = await connectRaw(url)
      await admin.query('SET GLOBAL super_read_only = 1')
      expect(await startOn(url)).toMatchObject({
        kind: 'QUIESCE_DATABASE',
        message: expect.stringContaining('primary'),
      })
      await admin.end()
    })
  }
})

describe.each(databases)('on %s', (kind) => {
  let db: TestDatabase
  beforeEach(async () => {
    db = await testDatabase('bad-databases', kind)
  })
  afterEach(() => db.drop())

  test('a server that is not there is told, without the password', async () => {
    const url = new URL(db.url)
    url.port = '1'
    url.password = 'hunter2'
    const failure = await startOn(url.href)
    expect(failure).toMatchObject({ kind: 'QUIESCE_DATABASE', message: expect.stringContaining('cannot be reached') })
    expect(`${failure} ${JSON.stringify(failure)}`).not.toContain('hunter2')
  })

  test.each([-600_000, 600_000])(
    'a node whose clock is off by %i ms follows, acks and takes over like any other',
    async (offMs) => {
      const clock = { ...systemClock, wallMs: () => systemClock.wallMs() + offMs }
      const [off, right] = [db.cluster({ clock }), db.cluster()]
      await Promise.all([off.start(), right.start()])
      const freeze = await right.freeze({ reason: 'x' })
      expect(() => gateOf(off).admit(insertEntry())).toThrow(/read-only/)
      await freeze.thaw()
      await eventually('writes are back', () => off.state.mode === 'read-write', 1000)
      expect((await right.nodes()).map(({ status }) => status)).toEqual(['alive', 'alive'])
      const own = await off.freeze({ reason: 'y' })
      await own.assertHeld()
      await own.thaw()
    },
  )

  test.each(['x'.repeat(1000), 'a\0b', '', '\uD800'])(
    'a namespace that no row can hold is refused at once',
    (namespace) => {
      expect(() => db.cluster({ namespace })).toThrow(/namespace/)
    },
  )

  test(`a namespace with quotes, capitals, accents and signs is a namespace of its own`, async () => {
    const names = [`a'b"c\`d\\e;--`, 'Shop', 'shop', 'shóp', 'shop ']
    const clusters = names.map((namespace) => db.cluster({ namespace }))
    await Promise.all(clusters.map((cluster) => cluster.start()))
    const freeze = await clusters[1]?.freeze({ reason: 'x' })
    expect(clusters.map(({ state }) => state.mode)).toEqual([
      'read-write',
      'read-only',
      'read-write',
      'read-write',
      'read-write',
    ])
    await freeze?.thaw()
  })
})
