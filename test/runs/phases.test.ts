import type { Cluster, RunHolder, RunOptions } from '@quiesce/core'
import mysql from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { quietPool } from '../support/quiet-pool.ts'

/** On a loaded machine the way to the first step takes its time. */
const LONG_MS = 60_000
/** No lease has to run out here. */
const leases = { nodeLeaseMs: 5000, freezeLeaseMs: 8000, statementTimeoutMs: 4000 }
const nothing = { name: 'nothing', run: () => {} }

describe.each(databases)('a run on %s', (kind) => {
  let db: TestDatabase
  let cluster: Cluster
  let other: Cluster
  beforeAll(async () => {
    db = await testDatabase('runs', kind)
    cluster = db.cluster(leases)
    other = db.cluster(leases)
    await Promise.all([cluster.start(), other.start()])
  })
  afterAll(() => db.drop())

  let names = 0
  /** Nodes of this machine are late now and then, which is not what these tests are about. */
  const run = (options: Partial<RunOptions> & Pick<RunOptions, 'steps'>, by = cluster) =>
    by.run({ name: `run-${++names}`, reason: 'test', force: { reason: 'late nodes' }, ...options })
  const entries = async (): Promise<number> => (await db.query('SELECT id FROM entry')).length
  const trail = async (type: string, runId: string | undefined): Promise<readonly Record<string, unknown>[]> =>
    (await cluster.history(500))
      .filter((event) => event.type === type && event.detail['run'] === runId)
      .map(({ detail }) => detail)
      .reverse()
  /** Nothing is left: no lock, no freeze, and the run's record says how it ended. */
  const expectOver = async (outcome: string): Promise<void> => {
    expect((await cluster.runs())[0]).toMatchObject({ phase: 'ended', outcome })
    expect((await cluster.locks()).filter(({ holder }) => holder !== undefined)).toEqual([])
    expect((await db.state()).mode).toBe('read-write')
    await eventually('both nodes write', () => [cluster, other].every(({ state }) => state.mode === 'read-write'))
  }

  test('goes through its phases, each recorded; other nodes see its progress, and only its own writes pass', async () => {
    const seen: string[] = []
    const result = await run({
      steps: [
        {
          name: 'one',
          weight: 3,
          async run(holder) {
            expect(other.state.mode).not.toBe('read-write')
            holder.progress(0.5)
            holder.progress(0.1)
            await eventually('another node sees it', async () => (await other.runs())[0]?.progress === 37)
            await holder.execute(insertEntry())
            seen.push('one')
          },
        },
        { name: 'two', thawBefore: true, run: () => void seen.push(cluster.state.mode) },
      ],
      verify: () => void seen.push('verify'),
    })
    expect(seen).toEqual(['one', 'verify', 'read-write'])
    expect(await entries()).toBe(1)
    const phases = (await trail('run-phase', result.id)).map(({ phase }) => phase)
    expect(phases).toEqual(['preflight', 'lock', 'freeze', 'steps', 'verify', 'thaw', 'steps'])
    expect((await cluster.runs())[0]).toMatchObject({ id: result.id, progress: 100 })
    await expectOver('done')
  })

  test('that fails is undone in reverse order, each recorded; an undo that throws keeps nobody else from it', async () => {
    const undone: string[] = []
    const step = (name: string) => ({ name, run: () => {}, undo: () => void undone.push(name) })
    const failing = {
      name: 'fails',
      run: () => Promise.reject(new TypeError('on purpose')),
      undo: () => {
        throw new Error('no undo')
      },
    }
    const error = await run({
      steps: [step('a'), step('b'), failing, step('never')],
      rollback: (_, cause) => void undone.push(`rollback: ${(cause as Error).message}`),
    }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ kind: 'QUIESCE_RUN_FAILED', cause: { name: 'TypeError' } })
    expect(error).toMatchObject({ data: { undone: ['a', 'b'], notUndone: [{ name: 'fails', error: 'no undo' }] } })
    expect(undone).toEqual(['b', 'a', 'rollback: on purpose'])
    await expectOver('failed')
    const ways = (await trail('run-step', (await cluster.runs())[0]?.id)).map(({ step, status }) => `${step} ${status}`)
    expect(ways.slice(5)).toEqual([
      ...['fails undoing', 'fails undo-failed', 'b undoing', 'b undone', 'a undoing', 'a undone'],
    ])
  })

  test('is cancelled from another node, and what its step sends afterwards is refused', async () => {
    let kept: RunHolder | undefined
    const before = await entries()
    const running = run({
      timeouts: { stopMs: 50 },
      steps: [
        {
          name: 'deaf',
          run: (holder) => {
            kept = holder
            return new Promise(() => {})
          },
        },
      ],
    }).catch((error: unknown) => error)
    await eventually('it works', () => kept !== undefined, LONG_MS)
    const [{ id = '' } = {}] = await other.runs()
    expect(await other.cancelRun(id, 'enough')).toBe(true)
    const late = running.then(() => kept?.execute(insertEntry())).catch((error: unknown) => error)
    expect(await running).toMatchObject({ kind: 'QUIESCE_RUN_CANCELLED', data: { reason: 'enough' } })
    expect(await late).toMatchObject({ kind: 'QUIESCE_LEASE_LOST' })
    expect(await entries()).toBe(before)
    expect(await trail('run-cancel-requested', id)).toMatchObject([{ by: other.state.nodeId, reason: 'enough' }])
    await expectOver('cancelled')
    expect(await other.cancelRun(id, 'again')).toBe(false)
  })

  test('is stopped by its time-outs, the caller’s signal, and the end of its process', async () => {
    const waiting = (holder: RunHolder): Promise<void> =>
      new Promise((_, reject) => holder.signal.addEventListener('abort', () => reject(holder.signal.reason)))
    const slow = { name: 'slow', run: waiting }
    await expect(run({ steps: [{ ...slow, timeoutMs: 50 }] })).rejects.toMatchObject({
      kind: 'QUIESCE_RUN_TIMEOUT',
      data: { what: 'the step slow' },
    })
    await expect(run({ steps: [slow], timeouts: { totalMs: 1000 } })).rejects.toMatchObject({
      kind: 'QUIESCE_RUN_TIMEOUT',
    })
    await expectOver('timed-out')
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 300)
    await expect(run({ steps: [slow], signal: abort.signal })).rejects.toMatchObject({ kind: 'QUIESCE_RUN_CANCELLED' })
    const leaving = db.cluster(leases)
    await leaving.start()
    const running = run({ steps: [slow] }, leaving).catch((error: unknown) => error)
    await eventually('it runs', async () => (await other.runs())[0]?.phase === 'steps', LONG_MS)
    await leaving.close()
    expect(await running).toMatchObject({ kind: 'QUIESCE_RUN_CANCELLED' })
    await expectOver('cancelled')
  })

  test('is the only one of its name: another is told who has it, or waits and joins its success', async () => {
    let finish: (() => void) | undefined
    const steps = [{ name: 'wait', run: () => new Promise<void>((resolve) => (finish = resolve)) }]
    const first = run({ name: 'sole', steps })
    await eventually('its step has begun', () => finish !== undefined, LONG_MS)
    expect((await other.runs())[0]?.phase).toBe('steps')
    const busy = run({ name: 'sole', steps: [nothing] }, other)
    await expect(busy).rejects.toMatchObject({ kind: 'QUIESCE_LOCK_HELD' })
    const joining = run({ name: 'sole', steps: [nothing], timeouts: { lockMs: 20_000 } }, other)
    finish?.()
    const { id } = await first
    expect(await joining).toMatchObject({ id, joined: true })
    await expectOver('done')
  })

  test('does not begin when the preflight finds something: all of it is told at once, and force is recorded', async () => {
    const checks = [
      { name: 'disk', check: () => 'only 1 GB left' },
      { name: 'backup', check: () => Promise.reject(new Error('no backup server')) },
      { name: 'fine', check: () => undefined },
    ]
    const one = await db.connect('slow report')
    for (const statement of db.flavour.begin('READ COMMITTED')) await one.query(statement)
    await one.query(insertEntry())
    await eventually('the transaction is old', async () => {
      const error = await cluster
        .run({ name: 'pre', reason: 'x', steps: [nothing], checks, limits: { longTransactionMs: 1 } })
        .catch((caught: unknown) => caught)
      const { findings = [] } = (error as { data: { findings?: { check: string }[] } }).data
      return ['disk', 'backup', 'long-transaction'].every((name) => findings.some(({ check }) => check === name))
    })
    await one.end()
    await expectOver('failed')
    const forced = await run({ checks, steps: [nothing], force: { reason: 'it is fine' } })
    expect(forced.findings).toEqual(expect.arrayContaining(['only 1 GB left']))
    expect(await trail('run-forced', forced.id)).toMatchObject([{ reason: 'it is fine' }])
  })

  test('passes guards and fence with a pool of the driver; the same pool outside of it does not', async () => {
    const before = await entries()
    const pool =
      kind === 'postgres' ? quietPool({ connectionString: db.url }) : mysql.createPool({ uri: db.url, timezone: 'Z' })
    const outside = (): Promise<unknown> =>
      'getConnection' in pool ? pool.query(insertEntry()) : pool.query(insertEntry())
    try {
      await run({
        steps: [
          {
            name: 'write',
            async run(holder) {
              await holder.bypass(pool, (connection) => connection.query(insertEntry()))
              const rolledBack = holder.bypass(pool, async (connection) => {
                await connection.query(insertEntry())
                throw new Error('no')
              })
              await expect(rolledBack).rejects.toThrow('no')
              const fenced = holder.freeze?.fence.backend !== undefined
              if (fenced) await expect(outside()).rejects.toThrow('read-only')
            },
          },
        ],
      })
    } finally {
      await pool.end()
    }
    expect(await entries()).toBe(before + 1)
  })

  test('whose freeze somebody thawed is lost: its writes are refused, and its record says so (catches a proof that is not asked)', async () => {
    const before = await entries()
    let refused: unknown
    // A node that hears of it late: only the database can say so in time.
    const deaf = db.cluster({ ...leases, listen: false, pollIntervalMs: 1600, fastPollIntervalMs: 1600 })
    const running = run(
      {
        steps: [
          {
            name: 'write',
            async run(holder) {
              await other.thaw(holder.freeze?.id ?? '', { force: true, reason: 'test' })
              refused = await holder.execute(insertEntry()).catch((error: unknown) => error)
            },
          },
        ],
      },
      deaf,
    )
    await expect(running).rejects.toMatchObject({ kind: 'QUIESCE_LEASE_LOST' })
    expect(refused).toMatchObject({ kind: 'QUIESCE_LEASE_LOST' })
    expect(await entries()).toBe(before)
    await deaf.close()
    await expectOver('lost')
  })

  test('whose freeze somebody thaws while its transaction is open commits nothing (catches a proof that reads what the transaction saw first)', async () => {
    const before = await entries()
    const pool =
      kind === 'postgres'
        ? quietPool({ connectionString: db.url, options: '-c default_transaction_isolation=repeatable\\ read' })
        : mysql.createPool({ uri: db.url, timezone: 'Z' })
    const deaf = db.cluster({ ...leases, listen: false, pollIntervalMs: 1600, fastPollIntervalMs: 1600 })
    let refused: unknown
    const write = async (holder: RunHolder): Promise<void> => {
      const writing = holder.bypass(pool, async (connection) => {
        await connection.query(insertEntry())
        await other.thaw(holder.freeze?.id ?? '', { force: true, reason: 'test' })
      })
      refused = await writing.catch((error: unknown) => error)
    }
    try {
      const running = run({ freeze: { fence: 'off' }, steps: [{ name: 'write', run: write }] }, deaf)
      await expect(running).rejects.toMatchObject({ kind: 'QUIESCE_LEASE_LOST' })
    } finally {
      await pool.end()
    }
    expect(refused).toMatchObject({ kind: 'QUIESCE_LEASE_LOST' })
    expect(await entries()).toBe(before)
    await deaf.close()
    await expectOver('lost')
  })

  test('fails to verify when a protected table changed behind everybody’s back', async () => {
    const failing = run({
      protect: ['entry'],
      freeze: { fence: 'off' },
      steps: [{ name: 'rogue', run: () => db.query(insertEntry()) }],
    })
    await expect(failing).rejects.toMatchObject({
      kind: 'QUIESCE_VERIFY',
      data: { changed: [{ table: 'entry', columns: expect.arrayContaining(['id']) }] },
    })
    await run({ protect: ['entry'], steps: [nothing] })
    await expectOver('done')
  })

  test('lists every problem of its definition at once', async () => {
    const step = { name: 'same', run: () => {} }
    const error = await run({ steps: [{ ...step, thawBefore: true }, step], onHolderLost: 'resume' }).catch(
      (caught: unknown) => caught,
    )
    expect(error).toMatchObject({ kind: 'QUIESCE_CONFIG' })
    expect((error as { data: { problems: { path: string }[] } }).data.problems.map(({ path }) => path)).toEqual([
      ...['steps.0.idempotent', 'steps.0.thawBefore', 'steps.1.name', 'steps.1.idempotent'],
    ])
  })
})
