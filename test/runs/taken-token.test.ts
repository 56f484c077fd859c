import { afterAll, describe, expect, test } from 'vitest'
import { type HeldRun, heldRun } from '../apps/held-run.ts'
import { databases, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { oneOfEachFamily } from '../support/long.ts'
import { nodeProcesses } from '../support/node-process.ts'
import { optionsOn } from './support/leases.ts'

const processes = nodeProcesses()
afterAll(() => processes.endAll())

const run: HeldRun = { namespace: 'fenced', holdAt: 'steps', onHolderLost: 'resume', fenced: true }
const show = { postgres: `SELECT set_config('quiesce.token', ?, false)`, mysql: 'SET @quiesce_token = ?' }

/** The token that a holder has written down, once it has. */
async function tokenOf(db: TestDatabase, who: string): Promise<string> {
  const { value = '' } = await eventually(
    `the ${who} has its token`,
    async () => {
      const rows = await db.query(`SELECT what FROM run_log WHERE who = ? AND what LIKE 'token %'`, [who])
      return rows[0]?.['what']?.slice('token '.length)
    },
    20_000,
  )
  return value
}

describe.each(oneOfEachFamily(databases))('a run that is taken over on %s', (kind) => {
  test('has a new token, and the database refuses what its old holder sends with the old one (catches a takeover that keeps the key)', async () => {
    const db = await testDatabase('taken', kind)
    try {
      await db.query('CREATE TABLE run_log (namespace varchar(40), what varchar(200), who varchar(40))')
      const options = { ...optionsOn(kind), namespace: run.namespace }
      const survivor = db.cluster(options)
      await survivor.start()
      const holder = processes.spawn({ url: db.url, guard: 'driver', cluster: options })
      await holder.call('startRuns', [run])
      const old = await tokenOf(db, 'holder')
      const other = await db.connect('somebody')
      const late = await db.connect('what the old holder has sent')
      const write = (token: string) =>
        other.query(show[kind === 'postgres' ? kind : 'mysql'], [token]).then(() => other.query(insertEntry()))
      await write(old)
      await late.query(show[kind === 'postgres' ? kind : 'mysql'], [old])
      await late.query('BEGIN')
      await late.query('SELECT 1')

      holder.signal('SIGSTOP')
      let goOn = (): void => {}
      const gone = new Promise<void>((resolve) => {
        goOn = resolve
      })
      await eventually('the run is lost', async () => (await survivor.runs())[0]?.isLost === true, 15_000)
      const taken = survivor.run(heldRun(run, 'taker', () => gone))
      const now = await tokenOf(db, 'taker')
      expect(now).not.toBe(old)
      await expect(late.query(insertEntry())).rejects.toThrow('quiesce fence: the cluster is read-only')
      await late.query('ROLLBACK')
      await expect(write(old)).rejects.toThrow('quiesce fence: the cluster is read-only')
      await write(now)

      holder.signal('SIGCONT')
      await holder.call('proceed', run.namespace)
      const { value } = await eventually(
        'the old holder knows',
        async () => (await holder.call('runOutcomes'))[run.namespace],
      )
      expect(value).toBe('QUIESCE_LEASE_LOST')
      await expect(write(old)).rejects.toThrow('quiesce fence: the cluster is read-only')
      await write(now)
      goOn()
      expect(await taken).toMatchObject({ takenOver: true })
      expect(await db.query(`SELECT what FROM run_log WHERE who = 'holder' AND what = 'behind'`)).toEqual([])
      await other.query(insertEntry())
      await Promise.all([other.end(), late.end()])
    } finally {
      await db.drop()
    }
  })
})
