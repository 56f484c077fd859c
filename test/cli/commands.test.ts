import type { Cluster, ClusterOptions } from '@quiesce/core'
import {
  doctorDocument,
  errorDocument,
  fenceDocument,
  frozenDocument,
  historyDocument,
  initDocument,
  locksDocument,
  nodesDocument,
  planDocument,
  progressDocument,
  statusDocument,
  thawedDocument,
} from 'quiesce'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { insertEntry } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type CliDatabase, cliDatabase } from './support/cli-database.ts'
import { quiesceIn } from './support/fake-terminal.ts'

let db: CliDatabase

beforeAll(async () => {
  db = await cliDatabase('cli')
})
afterAll(() => db?.drop())
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
  const observer = db.cluster()
  for (const { id } of (await observer.status()).freezes) await observer.thaw(id, { force: true, reason: 'test over' })
  await observer.close()
})

const nodes: Cluster[] = []
/** A node of the application, closed with the test. */
async function join(options: Partial<ClusterOptions> = {}): Promise<Cluster> {
  const node = db.cluster(options)
  nodes.push(node)
  await node.start()
  return node
}

const read = <T>(schema: { parse(value: unknown): T }, { documents }: { documents: readonly unknown[] }): T =>
  schema.parse(documents.at(-1))

describe('what it asks', () => {
  test('init says what it did, and does nothing twice', async () => {
    const other = { ...db.env, QUIESCE_SCHEMA: 'elsewhere' }
    const quiesce = quiesceIn({ env: other, cwd: db.folder })
    const dry = read(initDocument, await quiesce('init', '--dry-run', '--json'))
    expect(dry).toMatchObject({ before: null, after: null, dryRun: true })
    expect(await quiesce('nodes')).toMatchObject({ exitCode: 69, stderr: expect.stringContaining('quiesce init') })
    expect((await quiesce('init')).stdout).toMatch(/were missing, and are version \d+ now/)
    const again = read(initDocument, await quiesce('init', '--json'))
    expect(again.after).toBe(again.needed)
    expect(again.before).toBe(again.needed)
  })

  test('fence installs the standing fence, says what is there, and removes it', async () => {
    expect((await db.quiesce('fence', 'status')).stdout).toContain('No standing fence is installed.')
    expect((await db.quiesce('fence', 'install')).stdout).toMatch(/installed on (\d+ tables?); \1 changed\./)
    const status = read(fenceDocument, await db.quiesce('fence', 'status', '--json'))
    expect(status).toMatchObject({ state: 'complete', tables: expect.arrayContaining(['public.entry']), changed: 0 })
    const finding = async () => /^\w+ +fence-standing.*$/m.exec((await db.quiesce('doctor')).stdout)?.[0]
    expect(await finding()).toMatch(/^ok .* is on \d+ table/)
    await db.query('CREATE TABLE later (id int)')
    expect(await finding()).toMatch(/^warning .*does not fit/)
    await db.query('DROP TABLE later')
    expect(await db.quiesce('fence', 'remove', '--yes')).toMatchObject({ exitCode: 0 })
    expect(await db.quiesce('fence', 'raise')).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('install'),
    })
  })

  test('status, nodes, locks and history tell what is there, and leave no trace', async () => {
    const node = await join({ application: 'shop' })
    await node.lock('nightly', { owner: 'job 7' })
    const before = await db.query('SELECT count(*) AS events FROM quiesce.quiesce_event')

    const status = read(statusDocument, await db.quiesce('status', '--json'))
    expect(status).toMatchObject({ namespace: 'default', mode: 'read-write', distrust: null })
    expect(status.nodes).toMatchObject([{ id: node.state.nodeId, application: 'shop', status: 'alive' }])
    expect((await db.quiesce('status')).stdout).toMatch(/shop +alive/)
    expect(read(nodesDocument, await db.quiesce('nodes', '--json')).nodes).toHaveLength(1)
    const { locks } = read(locksDocument, await db.quiesce('locks', '--json'))
    expect(locks).toMatchObject([{ name: 'nightly', owner: 'job 7', holder: node.state.nodeId }])
    expect((await db.quiesce('locks')).stdout).toMatch(/nightly +1 .*job 7/)
    const { events } = read(historyDocument, await db.quiesce('history', '--limit', '2', '--json'))
    expect(events).toMatchObject([{ type: 'node-joined', node: node.state.nodeId }])
    expect((await db.quiesce('history')).stdout).toContain('node-joined')

    expect(await db.query('SELECT count(*) AS events FROM quiesce.quiesce_event')).toEqual(before)
  })

  test('texts of others cannot steer the terminal (catches a reason that clears the screen)', async () => {
    const node = await join()
    await node.freeze({ reason: 'x\u001b[2J\u202ey', fence: 'off' })
    const { stdout } = await db.quiesce('status')
    expect(stdout).not.toContain('\u001b')
    expect(stdout).not.toContain('\u202e')
    expect(stdout).toContain('x\ufffd[2J\ufffdy')
  })

  test('status answers scripts by its exit code', async () => {
    expect(
      (await quiesceIn({ env: { ...db.env, QUIESCE_NAMESPACE: 'nobody' }, cwd: db.folder })('status', '--exit-code'))
        .exitCode,
    ).toBe(4)
    const node = await join()
    expect((await db.quiesce('status', '--exit-code')).exitCode).toBe(0)
    await node.freeze({ reason: 'x', fence: 'off' })
    expect((await db.quiesce('status', '--exit-code')).exitCode).toBe(3)
    expect((await db.quiesce('status')).exitCode).toBe(0)
  })

  test('status --watch writes a document for each change, and none while nothing happens', async () => {
    const watching = db.quiesce.start('status', '--watch', '--interval', '50ms')
    await eventually('a first document', () => watching.stdout().includes('read-write'))
    const node = await join()
    const freeze = await node.freeze({ reason: 'seen', fence: 'off' })
    await eventually('read-only', () => watching.stdout().includes('"mode":"read-only"'))
    await freeze.thaw()
    await node.close()
    await eventually('read-write without nodes', () => /"mode":"read-write".*"nodes":\[\]\}\n$/.test(watching.stdout()))
    watching.signal('SIGINT')
    const { exitCode, documents } = await watching.ended
    expect(exitCode).toBe(0)
    expect(documents.length).toBeLessThan(15)
    for (const document of documents) statusDocument.parse(document)
  })
})

describe('an operator', () => {
  test('freezes, sees it, and thaws it by the beginning of its id', async () => {
    const node = await join()
    const frozen = await db.quiesce('freeze', '--reason', 'move to eu-2', '--expect', '10m', '--json')
    expect(frozen.exitCode).toBe(0)
    const { freezeId, acked, guarantee } = read(frozenDocument, frozen)
    expect({ acked, guarantee }).toEqual({ acked: 2, guarantee: 'fenced' })
    for (const line of frozen.talk) progressDocument.parse(line)
    await eventually('the node is read-only', () => node.state.mode === 'read-only')
    // The command is gone, and with it its node; the freeze stays, and so does the fence.
    expect(await node.nodes()).toHaveLength(1)
    await expect(db.query(insertEntry())).rejects.toThrow('quiesce fence')

    const { freezes } = read(statusDocument, await db.quiesce('status', '--json'))
    expect(freezes).toMatchObject([{ id: freezeId, kind: 'operator', owner: 'ops', reason: 'move to eu-2' }])
    expect((await db.quiesce('status')).stdout).toMatch(
      /operator +read-only +\d+m?s ago .* in (9|10)m +ops +move to eu-2/,
    )

    expect((await db.quiesce('nodes')).stdout).toContain('1 of 1 node acked this epoch')

    const dry = read(thawedDocument, await db.quiesce('thaw', '--dry-run', '--json'))
    expect(dry).toMatchObject({ changed: false, dryRun: true, freeze: { id: freezeId } })
    const thawed = read(thawedDocument, await db.quiesce('thaw', freezeId.slice(0, 8), '--json'))
    expect(thawed).toMatchObject({ changed: true, freeze: { id: freezeId } })
    await eventually('the node writes again', () => node.state.mode === 'read-write')
    await db.query(insertEntry())
    expect((await db.quiesce('thaw')).stdout).toContain('No freeze is active')
  })

  test('needs force, a reason and a yes for somebody else’s freeze (catches a thaw that asks nobody)', async () => {
    const node = await join()
    await node.freeze({ reason: 'their job', owner: 'them', fence: 'off' })
    const at = (typed: string) => quiesceIn({ env: db.env, cwd: db.folder, typed })

    expect(await db.quiesce('thaw')).toMatchObject({
      exitCode: 77,
      stderr: expect.stringContaining('them (machine: their job)'),
    })
    expect((await db.quiesce('thaw', '--force')).exitCode).toBe(64)
    const unasked = await db.quiesce('thaw', '--force', '--reason', 'y')
    expect(unasked).toMatchObject({ exitCode: 64, stderr: expect.stringMatching(/breaks the work of them.*--yes/) })
    expect((await at('no\n')('thaw', '--force', '--reason', 'y')).exitCode).toBe(1)
    expect(node.state.freezes).toHaveLength(1)
    const done = await at('yes\n')('thaw', '--force', '--reason', 'it hangs')
    expect(done).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('breaks the work of them (machine freeze'),
    })
    const [event] = await node.history(1)
    expect(event).toMatchObject({ type: 'thawed', detail: { why: 'forced', note: 'ops: it hangs' } })
  })

  test('sees in the status which session a freeze waits for (catches a drain that nobody can explain)', async () => {
    await join()
    const writer = await db.connect('legacy')
    await writer.query('BEGIN')
    await writer.query(insertEntry())
    const freezing = db.quiesce('freeze', '--reason', 'r', '--fence', 'off', '--drain-timeout', '30s')
    await eventually('the status names it', async () =>
      /Waiting for session \d+ \(legacy, open \d+m?s\) on public\.entry/.test((await db.quiesce('status')).stdout),
    )
    await writer.end()
    expect((await freezing).exitCode).toBe(0)
    expect((await db.quiesce('status')).stdout).not.toContain('Waiting for')
  })

  test('has to name one of several freezes', async () => {
    const node = await join()
    const first = await node.freeze({ reason: 'why', fence: 'off' })
    await node.freeze({ reason: '2', fence: 'off' })
    const named = { exitCode: 64, stderr: expect.stringMatching(`freeze ${first.id.slice(0, 8)}, begun .*: why`) }
    expect(await db.quiesce('thaw')).toMatchObject(named)
    expect(await db.quiesce('thaw', 'zzz')).toMatchObject(named)
  })

  test('frees a lock with a reason and a yes, and dead ones without', async () => {
    const node = await join()
    await node.lock('nightly', { owner: 'job 7' })
    expect((await db.quiesce('release')).exitCode).toBe(64)
    expect((await db.quiesce('release', 'nightly', '--yes')).exitCode).toBe(64)
    const dry = read(locksDocument, await db.quiesce('release', 'nightly', '--dry-run', '--json'))
    expect(dry.locks).toHaveLength(1)
    const unasked = await db.quiesce('release', 'nightly', '--reason', 'r')
    expect(unasked.stderr).toMatch(/breaks the work of job 7.*"nightly"/)
    expect(read(locksDocument, await db.quiesce('release', '--dead', '--json')).locks).toEqual([])
    const freed = await db.quiesce('release', 'nightly', '--reason', 'r', '--yes', '--json')
    expect(read(locksDocument, freed)).toMatchObject({ schema: 'quiesce.released/1', locks: [{ name: 'nightly' }] })
  })

  test('is told by a plan whom a freeze would wait for, and nothing is changed', async () => {
    const node = await join()
    const writer = await db.connect('legacy')
    await writer.query('BEGIN')
    await writer.query(insertEntry())
    const before = await db.state()
    const plan = read(planDocument, await db.quiesce('plan', '--reason', 'r', '--json'))
    const items = Object.fromEntries(plan.steps.map(({ step, items: of }) => [step, of.join('\n')]))
    expect(items['nodes']).toContain(node.state.nodeId.slice(0, 8))
    expect(items['fence']).toContain('public.entry')
    expect(items['server']).toContain('legacy')
    const dry = await db.quiesce('run', '--reason', 'r', '--dry-run', '--', 'psql', 'postgres://me:secret@db/x')
    expect(dry.stdout + dry.stderr).not.toContain('secret')
    expect((await db.quiesce('freeze', '--reason', 'r', '--dry-run')).stdout).toContain('let the database refuse')
    expect(await db.state()).toEqual(before)
    await writer.query('ROLLBACK')
    await writer.end()
  })
})

describe('the namespace', () => {
  test('that nobody named is not frozen while the nodes are in another (catches a freeze that holds nobody back)', async () => {
    const node = await join({ namespace: 'shop' })
    const refused = [
      await db.quiesce('freeze', '--reason', 'r'),
      await db.quiesce('run', '--reason', 'r', '--', 'sh', '-c', 'echo ran'),
    ]
    for (const { exitCode, stdout, stderr } of refused) {
      expect([exitCode, stdout]).toEqual([64, ''])
      expect(stderr).toContain('in this database there are shop (1 node)')
    }
    for (const look of ['status', 'doctor', 'plan']) expect((await db.quiesce(look)).stdout, look).toContain('shop (1')
    expect(node.state.freezes).toEqual([])

    // Whoever names it means it: its application may be scaled to nothing.
    const empty = await db.quiesce('freeze', '--namespace', 'default', '--reason', 'r', '--fence', 'off')
    expect(empty).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('only this command acked, no node') })
    expect(empty.stderr).toContain('This freeze holds nobody back.')
    const there = await db.quiesce('freeze', '--namespace', 'shop', '--reason', 'r', '--fence', 'off')
    expect(there.stdout).toContain('1 node and this command acked')
    await db.quiesce('thaw', '--namespace', 'shop')
  })
})

describe('exemptions', () => {
  test('that differ from the application’s are a problem, and no fence is raised by them', async () => {
    const node = await join({ exempt: { entry: ['note'] } })
    const doctor = await db.quiesce('doctor', '--json')
    const policy = read(doctorDocument, doctor).findings.find(({ check }) => check === 'policy')
    expect(policy).toMatchObject({ level: 'problem', message: expect.stringContaining(`pid ${process.pid}`) })
    expect(doctor.exitCode).toBe(1)

    const refused = await db.quiesce('freeze', '--reason', 'r', '--json')
    expect(refused.exitCode).toBe(64)
    expect(read(errorDocument, refused)).toMatchObject({ kind: 'QUIESCE_CONFIG', exitCode: 64 })
    expect(node.state.mode).toBe('read-write')
    const config = db.file(
      'same.config.mjs',
      `export default { exempt: { entry: ['note'] }, pollIntervalMs: 200, nodeLeaseMs: 1000, freezeLeaseMs: 1500, writeBoundMs: 300, fastPollIntervalMs: 50, statementTimeoutMs: 900 }`,
    )
    const mistyped = db.file('mistyped.config.mjs', `export default { exempt: { Entry: true } }`)
    expect((await db.quiesce('doctor', '--config', mistyped)).stdout).toMatch(
      /warning +exemptions +exempt names .*Entry/,
    )
    // It exempts a column that the table does not have.
    expect((await db.quiesce('doctor', '--config', config)).stdout).toMatch(
      /warning +exemptions +exempt names columns that are not there: public\.entry\.note\./,
    )
    expect(await db.quiesce('doctor', '--config', config)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('agree everywhere'),
    })
  })
})
