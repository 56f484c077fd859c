import { setTimeout as delay } from 'node:timers/promises'
import type { ClusterEvents } from '@quiesce/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fastOptions, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { nodeProcesses } from '../support/node-process.ts'
import type { RawConnection } from '../support/raw-connection.ts'

const processes = nodeProcesses()
let db: TestDatabase
let other: RawConnection

beforeEach(async () => {
  db = await testDatabase('install')
  other = await db.connect('psql')
  for (const name of ['a', 'b', 'c']) await db.query(`CREATE TABLE ${name} (id int PRIMARY KEY, v int)`)
  for (const name of ['a', 'b', 'c']) await db.query(`INSERT INTO ${name} VALUES (1, 1)`)
})
afterEach(async () => {
  await processes.endAll()
  await other.end()
  await db.drop()
})

/** Everything of a fence that is in the catalog. */
const pieces = async (): Promise<readonly string[]> =>
  (
    await db.query(`SELECT c.relname || ' ' || t.tgname AS piece FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE tgname ~ '^quiesce_'
    UNION ALL SELECT proname FROM pg_proc WHERE proname ~ '^quiesce_' ORDER BY 1`)
  ).map(({ piece }) => piece)

const nothingLeft = (): Promise<unknown> =>
  eventually('nothing is left', async () => (await pieces()).length === 0, 20_000)
const writesPass = (): Promise<unknown> =>
  eventually('writes pass', () =>
    db.query('UPDATE a SET v = v + 1').then(
      () => true,
      () => false,
    ),
  )

describe('raising a fence', () => {
  test('waits for a writer, lets readers pass, and survives a writer that wants the next table (catches one transaction over all tables)', async () => {
    await other.query('BEGIN')
    await other.query('UPDATE c SET v = 2')
    const holder = db.cluster()
    const freezing = holder.freeze({ reason: 'x', awaitServer: false, fence: 'required' })
    freezing.catch(() => {})
    await eventually('the free tables are fenced', async () => (await pieces()).length === 4)
    const slowest = await slowestRead('c', 20)
    // The writer goes on to a table that is fenced: it is refused instead of deadlocking.
    await expect(other.query('UPDATE a SET v = 2')).rejects.toMatchObject({ code: '25006' })
    await other.query('ROLLBACK')
    const freeze = await freezing
    expect(freeze.guarantee).toBe('fenced')
    expect(slowest).toBeLessThan(500)
    await freeze.thaw()
    await nothingLeft()
  })

  test('names what is in the way and undoes everything, or ends it on wish', async () => {
    await other.query('BEGIN')
    await other.query('UPDATE b SET v = 2')
    const holder = db.cluster()
    const options = { reason: 'x', awaitServer: false, fence: 'required', drainTimeoutMs: 300 } as const
    await expect(holder.freeze(options)).rejects.toMatchObject({
      kind: 'QUIESCE_DRAIN_TIMEOUT',
      writers: [expect.objectContaining({ application: 'psql', tables: ['public.b'], query: 'UPDATE b SET v = 2' })],
    })
    expect((await db.state()).mode).toBe('read-write')
    await nothingLeft()
    const freeze = await holder.freeze({ ...options, terminateBlockers: true })
    expect((await db.query('SELECT v FROM b'))[0]?.['v']).toBe(1)
    await freeze.thaw()
  })

  test('that is aborted half-way leaves nothing', async () => {
    await other.query('BEGIN')
    await other.query('UPDATE c SET v = 2')
    const controller = new AbortController()
    const progress: ClusterEvents['fence'][] = []
    const holder = db.cluster()
    holder.on('fence', (event) => {
      progress.push(event)
      if (event.phase === 'raising' && event.done === 3) controller.abort()
    })
    const freezing = holder.freeze({ reason: 'x', awaitServer: false, signal: controller.signal })
    await expect(freezing).rejects.toMatchObject({ kind: 'QUIESCE_ABORTED' })
    expect(progress.filter(({ phase }) => phase === 'raising').at(-1)).toMatchObject({ done: 3, all: 4 })
    await other.query('COMMIT')
    await nothingLeft()
    expect((await db.state()).mode).toBe('read-write')
  })

  test('fences the tables that are written most last', async () => {
    for (let i = 0; i < 20; i += 1) await other.query('UPDATE a SET v = v + 1')
    await other.query('SELECT pg_stat_force_next_flush()')
    await other.query('SELECT 1')
    const freeze = await db.cluster().freeze({ reason: 'x' })
    const [last] = await db.query(
      `SELECT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgname ~ '^quiesce_' ORDER BY oid DESC LIMIT 1`,
    )
    expect(last).toEqual({ name: 'a' })
    await freeze.thaw()
  })

  test('without the rights fails with all reasons where it is required, and says why where it is not', async () => {
    const role = `fence_app_${Math.random().toString(36).slice(2)}`
    await db.query(`CREATE ROLE ${role} LOGIN`)
    await db.query(`GRANT USAGE ON SCHEMA quiesce TO ${role}`)
    await db.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA quiesce, public TO ${role}`)
    const url = new URL(db.url)
    url.username = role
    try {
      const weak = db.cluster({ database: url.href })
      const obstacles = [
        expect.stringMatching(/does not own public\.a, public\.b/),
        expect.stringContaining('GRANT CREATE ON SCHEMA'),
      ]
      await expect(weak.freeze({ reason: 'x', fence: 'required' })).rejects.toMatchObject({
        kind: 'QUIESCE_FENCE',
        data: { obstacles },
      })
      expect((await db.state()).mode).toBe('read-write')
      expect((await weak.history()).some(({ type }) => type === 'freeze-begun')).toBe(false)
      const freeze = await weak.freeze({ reason: 'x' })
      expect(freeze).toMatchObject({
        guarantee: 'acknowledged',
        fence: { backend: undefined, tables: 0 },
        token: undefined,
      })
      expect(freeze.fence.reason).toMatch(/does not own/)
      expect(await pieces()).toEqual([])
      await freeze.thaw()
      await weak.close()
    } finally {
      await db.query(`DROP OWNED BY ${role}`)
      await db.query(`DROP ROLE ${role}`)
    }
  })

  test('over nothing is no fence (catches a promise for tables that are in another database)', async () => {
    const holder = db.cluster()
    const tables = { exclude: ['a', 'b', 'c', 'entry'] }
    const freeze = await holder.freeze({ reason: 'x', tables })
    expect(freeze).toMatchObject({
      guarantee: 'acknowledged',
      fence: { reason: expect.stringMatching(/no table to fence/) },
    })
    await freeze.thaw()
    await expect(holder.freeze({ reason: 'x', tables, fence: 'required' })).rejects.toMatchObject({
      kind: 'QUIESCE_FENCE',
    })
  })

  test('of some tables names those that it does not cover, and does not say that their writers have ended (catches a promise for tables that nobody asked for)', async () => {
    const holder = db.cluster()
    await other.query('BEGIN')
    await other.query('UPDATE c SET v = 2')
    const partly = { reason: 'x', fence: 'required', awaitServer: false } as const
    const some = await holder.freeze({ ...partly, tables: { include: ['a', 'b'] }, exempt: { entry: true } })
    expect(some).toMatchObject({ guarantee: 'fenced', serverDrained: false, fence: { tables: 2 } })
    expect(some.fence.gaps.find(({ kind }) => kind === 'not-selected')?.message).toMatch(/^public\.c are not among/)
    await some.thaw()
    const left = await holder.freeze({ ...partly, tables: { exclude: ['c'] } })
    expect(left).toMatchObject({ guarantee: 'fenced', serverDrained: false })
    await other.query('COMMIT')
    await left.thaw()
    const all = await holder.freeze(partly)
    expect(all).toMatchObject({ guarantee: 'fenced', serverDrained: true })
    await all.thaw()
  })

  test('names tables that only other roles can write (catches taking what the role sees for everything)', async () => {
    const role = `fence_some_${Math.random().toString(36).slice(2)}`
    await db.query(`CREATE ROLE ${role} LOGIN`)
    await db.query(`GRANT USAGE, CREATE ON SCHEMA quiesce TO ${role}`)
    await db.query(`GRANT SELECT ON ALL TABLES IN SCHEMA quiesce TO ${role}`)
    await db.query(`ALTER TABLE a OWNER TO ${role}`)
    const url = new URL(db.url)
    url.username = role
    try {
      const weak = db.cluster({ database: url.href })
      const survey = await weak.fenceSurvey()
      expect(survey?.obstacles).toEqual([])
      expect(survey?.tables.map(({ table }) => table)).toEqual(['a'])
      expect(survey?.gaps.find(({ kind }) => kind === 'other-role')?.message).toMatch(
        /^public\.b, public\.c, public\.entry /,
      )
      const named = await weak.fenceSurvey({ tables: { include: ['b'] } })
      expect(named?.obstacles).toEqual([expect.stringContaining('there is no table b')])
      await weak.close()
    } finally {
      await db.query(`ALTER TABLE a OWNER TO CURRENT_USER`)
      await db.query(`DROP OWNED BY ${role}`)
      await db.query(`DROP ROLE ${role}`)
    }
  })

  test('finds a table, a partition and a column that appear while it stands, fences them and tells', async () => {
    const warnings: string[] = []
    const holder = db.cluster({ exempt: { b: ['v'] } })
    holder.on('warning', ({ message }) => warnings.push(message))
    const freeze = await holder.freeze({ reason: 'x' })
    await db.query('CREATE TABLE fresh (id int)')
    await db.query('ALTER TABLE b ADD COLUMN w int')
    await eventually('both are fenced', async () => {
      const covered = (await pieces()).join()
      return covered.includes('fresh ') && (await pieces()).filter((piece) => piece.startsWith('b ')).length === 2
    })
    await expect(db.query('INSERT INTO fresh VALUES (1)')).rejects.toMatchObject({ code: '25006' })
    await expect(db.query('UPDATE b SET w = 1')).rejects.toMatchObject({ code: '25006' })
    await db.query('UPDATE b SET v = 2')
    expect(warnings.join()).toMatch(/public\.b, public\.fresh|public\.fresh/)
    await freeze.thaw()
    await nothingLeft()
  })
})

test('whose triggers somebody disables during the freeze is armed again and tells (catches a watch that only makes what is missing)', async () => {
  const warnings: string[] = []
  const holder = db.cluster()
  holder.on('warning', ({ message }) => warnings.push(message))
  const freeze = await holder.freeze({ reason: 'x' })
  await db.query('ALTER TABLE a DISABLE TRIGGER ALL')
  // As loaders do when they are done, which leaves out sessions in the replica role.
  await db.query('ALTER TABLE b DISABLE TRIGGER ALL')
  await db.query('ALTER TABLE b ENABLE TRIGGER ALL')
  await eventually('both are armed', async () => {
    const [row] = await db.query(`SELECT bool_and(tgenabled = 'A') AS armed FROM pg_trigger WHERE tgname ~ '^quiesce_'`)
    return row?.['armed'] === true
  })
  await expect(db.query('UPDATE a SET v = 2')).rejects.toMatchObject({ code: '25006' })
  await eventually('it has told', () => /public\.a, public\.b appeared or changed/.test(warnings.join()))
  await freeze.thaw()
})

describe('lowering a fence', () => {
  test('gives writes back at once although a reader keeps a trigger from being dropped, and never stops other readers (catches waiting for it)', async () => {
    const holder = db.cluster()
    const freeze = await holder.freeze({ reason: 'x' })
    await other.query('BEGIN')
    await other.query('SELECT * FROM a')
    const thawing = freeze.thaw()
    await writesPass()
    expect(await slowestRead('a', 30)).toBeLessThan(500)
    await thawing
    expect((await pieces()).length).toBeGreaterThan(0)
    await other.query('COMMIT')
    await nothingLeft()
  })

  test.each([
    ['while it is raised', 'raising'],
    ['while it stands', 'standing'],
    ['while it is lowered', 'lowering'],
  ] as const)('%s: a holder that is killed leaves nothing (catches a fence without a janitor)', async (_, phase) => {
    const witness = db.cluster()
    await witness.start()
    const holder = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
    await holder.call('start')
    await other.query('BEGIN')
    if (phase === 'raising') await other.query('UPDATE c SET v = 2')
    if (phase === 'lowering') await other.query('SELECT * FROM c')
    const freezing = holder.call('freeze', { reason: 'x', awaitServer: false })
    freezing.catch(() => {})
    if (phase !== 'raising') await freezing
    if (phase === 'lowering') await holder.call('thaw')
    await eventually('some of it stands', async () => (await pieces()).length > 1)
    await holder.kill()
    await other.query('COMMIT')
    await nothingLeft()
    await writesPass()
    expect((await db.state()).mode).toBe('read-write')
  })

  test('never touches the fence of another freeze, nor of another cluster (catches a janitor that drops what it does not know)', async () => {
    const [one, two] = [db.cluster(), db.cluster({ namespace: 'two' })]
    const first = await one.freeze({ reason: 'first', fence: 'required' })
    const second = await one.freeze({ reason: 'second', exempt: { a: true } })
    const third = await two.freeze({ reason: 'third', exempt: { a: true, b: true } })
    await first.thaw()
    // A node that starts looks within its first poll interval, and so does the one that saw the thaw.
    await db.cluster().start()
    await delay(2 * fastOptions.pollIntervalMs)
    expect((await one.liftFences()).length).toBe(0)
    await expect(db.query('UPDATE b SET v = 2')).rejects.toMatchObject({ message: expect.stringContaining(second.id) })
    await db.query('UPDATE a SET v = 2')
    await second.thaw()
    await expect(db.query('UPDATE c SET v = 2')).rejects.toMatchObject({ message: expect.stringContaining(third.id) })
    expect(await one.fences()).toMatchObject([{ own: false }])
    await third.thaw()
    await nothingLeft()
  })

  test('is not raised again by a process whose operator’s freeze somebody else has ended (catches a watch that goes on)', async () => {
    const warnings: string[] = []
    const [maker, operator] = [db.cluster(), db.cluster()]
    maker.on('warning', ({ message }) => warnings.push(message))
    const { id } = await maker.freeze({ reason: 'x', kind: 'operator', owner: 'ann' })
    await operator.thaw(id, { owner: 'ann' })
    await eventually('its maker has heard', () => maker.state.mode === 'read-write')
    await db.query('CREATE TABLE later (id int)')
    await delay(4 * fastOptions.pollIntervalMs)
    expect(await pieces()).toEqual([])
    expect(warnings).toEqual([])
  })

  test('that a restored dump holds is lifted: the own by the nodes, a foreign one when asked', async () => {
    const gone = db.cluster({ namespace: 'gone' })
    const freeze = await gone.freeze({ reason: 'dumped', kind: 'operator' })
    await gone.close()
    await db.query(`DELETE FROM quiesce.quiesce_freeze`)
    await db.query(`UPDATE quiesce.quiesce_cluster SET mode = 'read-write'`)
    const here = db.cluster()
    await here.start()
    expect(await here.fences()).toMatchObject([{ own: false, freezeId: undefined, epoch: freeze.epoch }])
    await expect(db.query('UPDATE a SET v = 2')).rejects.toMatchObject({ code: '25006' })
    expect(await here.liftFences({ foreign: true })).toHaveLength(1)
    await nothingLeft()
    await writesPass()
  })
})

describe('the holder’s token', () => {
  const update = async (tokens: readonly (string | undefined)[]): Promise<void> => {
    await other.query('BEGIN')
    try {
      await other.query(`SELECT set_config('quiesce.token', ?, true)`, [tokens.join(',')])
      await other.query('UPDATE a SET v = v + 1')
      await other.query('COMMIT')
    } catch (error) {
      await other.query('ROLLBACK')
      throw error
    }
  }

  test('passes in its transaction alone, each fence asks for its own, and it dies with the freeze', async () => {
    const holder = db.cluster()
    const first = await holder.freeze({ reason: 'first' })
    await update([first.token])
    await expect(other.query('UPDATE a SET v = 0')).rejects.toMatchObject({ code: '25006' })
    await expect(update([`${first.token}x`])).rejects.toMatchObject({ code: '25006' })
    expect(JSON.stringify(first)).not.toContain(first.token)
    const second = await holder.freeze({ reason: 'second' })
    await expect(update([first.token])).rejects.toMatchObject({ code: '25006' })
    await update([first.token, second.token])
    await first.thaw()
    await expect(update([first.token])).rejects.toMatchObject({ code: '25006' })
    await update([second.token])
    await second.thaw()
    const dump = JSON.stringify(await db.query('SELECT * FROM quiesce.quiesce_freeze, quiesce.quiesce_event'))
    expect(dump).not.toContain(first.token?.split('.')[1])
  })

  test('is dead after a takeover that keeps the freeze, also in a transaction that is open (catches a bypass that survives)', async () => {
    const witness = db.cluster()
    await witness.start()
    const holder = db.cluster()
    const freeze = await holder.freeze({ reason: 'x', onHolderLost: 'stay', maxFreezeMs: 60_000 })
    await other.query('BEGIN')
    await other.query(`SELECT set_config('quiesce.token', ?, true)`, [freeze.token])
    await other.query('UPDATE a SET v = 100')
    await db.query(`UPDATE quiesce.quiesce_freeze SET lease_until = clock_timestamp() - interval '1 min', lease_ms = 1`)
    await eventually('the open transaction was ended', () =>
      other.query('SELECT 1').then(
        () => false,
        () => true,
      ),
    )
    other = await db.connect('psql')
    await expect(update([freeze.token])).rejects.toMatchObject({ code: '25006' })
    expect((await db.query('SELECT v FROM a'))[0]?.['v']).toBe(1)
    expect((await db.state()).mode).toBe('read-only')
    await witness.thaw(freeze.id, { force: true, reason: 'over' })
    await writesPass()
    await nothingLeft()
  })
})

test('a write that a fence refuses reaches the caller of a guard as a ReadOnlyError', async () => {
  const zombie = processes.spawn({ url: db.url, guard: 'driver', cluster: { ...fastOptions, namespace: 'unaware' } })
  await zombie.call('start')
  const freeze = await db.cluster().freeze({ reason: 'move to eu' })
  await expect(zombie.call('write', insertEntry())).rejects.toMatchObject({
    kind: 'QUIESCE_READ_ONLY',
    message: expect.stringMatching(/insert of public\.entry.*move to eu/),
  })
  await freeze.thaw()
})

/** The longest of some reads of a table, in milliseconds. */
async function slowestRead(table: string, reads: number): Promise<number> {
  let slowest = 0
  for (let i = 0; i < reads; i += 1) {
    const at = performance.now()
    await db.query(`SELECT * FROM ${table}`)
    slowest = Math.max(slowest, performance.now() - at)
  }
  return slowest
}
