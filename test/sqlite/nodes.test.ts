import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fastOptions, insertEntry } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type NodeProcess, nodeProcesses } from '../support/node-process.ts'
import { withinHeartbeats } from '../support/within-heartbeats.ts'
import { type SqliteTestDatabase, sqliteDatabase } from './support/sqlite-database.ts'

const processes = nodeProcesses()
let db: SqliteTestDatabase

beforeEach(async () => {
  db = await sqliteDatabase()
})
afterEach(async () => {
  await processes.endAll()
  await db.drop()
})

const spawn = (options = {}): NodeProcess =>
  processes.spawn({ url: db.url, guard: 'sqlite', cluster: { ...fastOptions, ...options } })
const setNode = (assignment: string): void => void db.coordination.exec(`UPDATE quiesce_node SET ${assignment}`)
const eventTypes = (): unknown[] => db.coordination.prepare('SELECT type FROM quiesce_event ORDER BY id').pluck().all()
const canWrite = (node: NodeProcess): Promise<boolean> =>
  node.call('write', insertEntry()).then(
    () => true,
    () => false,
  )

describe('a second node', () => {
  test('in another process is refused at once, with the pid and host of the first; its writes are too', async () => {
    // Longer than a busy machine takes to refuse.
    const lease = { nodeLeaseMs: 5000, freezeLeaseMs: 6000 }
    const first = spawn(lease)
    await first.call('start')
    const second = spawn(lease)
    const { host } = db.coordination.prepare('SELECT host FROM quiesce_node').get() as { host: string }
    const refusal = {
      kind: 'QUIESCE_CONFIG',
      message: expect.stringMatching(new RegExp(`process ${first.pid} on ${host} .*Stop that process`, 's')),
    }
    const startedAt = performance.now()
    await expect(second.call('start')).rejects.toMatchObject(refusal)
    await expect(second.call('write', insertEntry())).rejects.toMatchObject(refusal)
    expect(performance.now() - startedAt).toBeLessThan(lease.nodeLeaseMs)
    expect(await canWrite(first)).toBe(true)
    await first.call('close')
    expect((await second.call('start')).mode).toBe('read-write')
  })

  test('in the same process is refused, until the first is closed', async () => {
    const first = db.cluster()
    await first.start()
    const second = db.cluster()
    const refused = { kind: 'QUIESCE_CONFIG', message: expect.stringContaining('share one cluster object') }
    await expect(second.start()).rejects.toMatchObject(refused)
    await expect(second.freeze({ reason: 'x' })).rejects.toMatchObject(refused)
    await first.close()
    await second.start()
  })

  test('of another namespace is another cluster’s', async () => {
    await db.cluster().start()
    await db.cluster({ namespace: 'other' }).start()
    const { elsewhere } = await db.cluster({ namespace: 'third' }).status()
    expect(elsewhere).toEqual(['default', 'other'].map((namespace) => ({ namespace, nodes: 1 })))
  })

  test('that comes with others is one of exactly one (catches a check that two pass)', async () => {
    const nodes = Array.from({ length: 5 }, () => spawn())
    const outcomes = await Promise.allSettled(nodes.map((node) => node.call('start')))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

describe('a predecessor', () => {
  test('that was killed is recognised at once, its row removed and recorded', async () => {
    const first = spawn({ nodeLeaseMs: 60_000, freezeLeaseMs: 70_000 })
    const { nodeId } = await first.call('start')
    await first.kill()
    const second = spawn()
    await second.call('write', 'SELECT 1')
    const startedAt = performance.now()
    await second.call('start')
    expect(performance.now() - startedAt).toBeLessThan(1000)
    expect(eventTypes()).toEqual(['node-joined', 'node-lost', 'node-joined'])
    expect(db.coordination.prepare('SELECT count(*) FROM quiesce_node WHERE id = ?').pluck().get(nodeId)).toBe(0)
  })

  test.each([
    ['on another host', `host = 'elsewhere'`],
    ['in another container', `pid_space = 'pid:[1]'`],
  ])('%s that may be gone is waited for until its lease is over', async (_where, assignment) => {
    const first = spawn()
    await first.call('start')
    await first.kill()
    setNode(`${assignment}, lease_until = lease_until + 500`)
    const until = db.coordination.prepare('SELECT lease_until FROM quiesce_node').pluck().get() as number
    await db.cluster().start()
    expect(Date.now()).toBeGreaterThanOrEqual(until - 1)
    expect(Date.now()).toBeLessThan(until + 500)
  })

  test('on another host that shows a heartbeat meanwhile is the node: the second is refused', async () => {
    const first = spawn()
    await first.call('start')
    setNode(`host = 'elsewhere'`)
    await expect(db.cluster().start()).rejects.toMatchObject({
      kind: 'QUIESCE_CONFIG',
      message: expect.stringContaining('on elsewhere'),
    })
  })

  test('with the pid of this process, as in a container that was restarted, is gone', async () => {
    const first = spawn({ nodeLeaseMs: 60_000, freezeLeaseMs: 70_000 })
    await first.call('start')
    await first.kill()
    setNode(`pid = ${process.pid}, process_started_at = process_started_at - 100000`)
    await db.cluster().start()
  })

  test('that was paused beyond its lease wakes up refused, and cannot come back', async () => {
    const first = spawn()
    await first.call('start')
    expect(await canWrite(first)).toBe(true)
    first.signal('SIGSTOP')
    await sleep(fastOptions.nodeLeaseMs + 100)
    const second = spawn()
    await second.call('start')
    first.signal('SIGCONT')
    expect(await canWrite(first)).toBe(false)
    await sleep(3 * fastOptions.pollIntervalMs)
    expect(await canWrite(first)).toBe(false)
    expect((await first.call('state')).mode).toBe('read-only')
    expect(await canWrite(second)).toBe(true)
  })
})

describe('freezes over a restart', () => {
  test('an operator’s freeze survives, and is thawed by its id', async () => {
    const first = spawn()
    const { id } = await first.call('freeze', { reason: 'move', kind: 'operator', owner: 'ann' })
    await first.kill()
    const second = spawn()
    expect((await second.call('start')).mode).toBe('read-only')
    expect(await canWrite(second)).toBe(false)
    await sleep(fastOptions.freezeLeaseMs + fastOptions.lockDelayMs)
    expect(await canWrite(second)).toBe(false)
    // From a third process, as the command line would: it does not start, so it is no node.
    await db.cluster().thaw(id, { owner: 'ann' })
    await withinHeartbeats([second], 2, 'writes are back', () => canWrite(second))
  })

  test('a machine’s freeze ends with its lease after a kill', async () => {
    // Longer than a busy machine takes to start a process.
    const lease = { freezeLeaseMs: 4000 }
    const first = spawn(lease)
    await first.call('freeze', { reason: 'move' })
    await first.kill()
    const second = spawn(lease)
    expect((await second.call('start')).mode).toBe('read-only')
    const until = db.coordination.prepare('SELECT lease_until FROM quiesce_freeze').pluck().get() as number
    await eventually('the lease is over', () => Date.now() > until + fastOptions.lockDelayMs)
    await withinHeartbeats([second], 2, 'writes are back', () => canWrite(second))
    expect(eventTypes()).toContain('takeover')
  })
})

test('a transaction lock holds between processes, and is free at once when its holder is killed', async () => {
  const holder = spawn()
  await holder.call('holdTransactionLock', 'nightly')
  const other = db.cluster()
  const take = (): Promise<string> => other.withTransactionLock('nightly', () => 'mine', { wait: 'nowait' })
  await expect(take()).rejects.toMatchObject({ kind: 'QUIESCE_LOCK_HELD' })
  await holder.kill()
  expect(await take()).toBe('mine')
})

test('a transaction lock that was somebody else’s before the work ended says so (catches work that believes it was alone)', async () => {
  const cluster = db.cluster()
  const stolen = (): void => void db.coordination.exec(`UPDATE quiesce_row_lock SET nonce = 'other'`)
  await expect(cluster.withTransactionLock('nightly', stolen)).rejects.toMatchObject({
    ...{ kind: 'QUIESCE_LEASE_LOST', data: { name: 'nightly' } },
    message: expect.stringContaining('somebody else may have had it'),
  })
  const taken = { kind: 'QUIESCE_LOCK_HELD' }
  await expect(cluster.withTransactionLock('nightly', () => 1, { wait: 'nowait' })).rejects.toMatchObject(taken)
})
