import { createHash } from 'node:crypto'
import type { Cluster, Freeze, FreezeOptions } from '@quiesce/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFencer } from '../../packages/core/src/cluster/fencer.ts'
import { compileExemptions } from '../../packages/core/src/domain/exemption.ts'
import type { FenceSpec } from '../../packages/core/src/domain/fence.ts'
import { markName, shortFreezeId } from '../../packages/core/src/domain/fence-mark.ts'
import { silentLogger } from '../../packages/core/src/domain/logger.ts'
import { databases, fastOptions, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { oneOfEachFamily } from '../support/long.ts'
import type { RawConnection } from '../support/raw-connection.ts'
import { type FenceParts, fenceParts } from './support/fence-parts.ts'

const backends = oneOfEachFamily(databases).flatMap((kind) =>
  ['on-freeze', 'standing'].map((name) => [kind, name] as const),
)

describe.each(backends)('on %s, by the fence %s, a holder that was given up', (kind, name) => {
  let db: TestDatabase
  let holder: Cluster
  let parts: FenceParts
  let other: RawConnection

  beforeAll(async () => {
    db = await testDatabase('stale', kind)
    holder = db.cluster({ freezeLeaseMs: 20_000 })
    if (name === 'standing') await holder.installFence()
    parts = fenceParts(db.url, name)
  })
  beforeEach(async () => {
    other = await db.connect('holder')
  })
  afterEach(() => other.end().catch(() => {}))
  afterAll(async () => {
    await parts.executor.close()
    await db.drop()
  })

  const freezeTable = (): string => db.flavour.table('freeze')
  const freeze = (options: Partial<FreezeOptions> = {}): Promise<Freeze> =>
    holder.freeze({ reason: 'x', fence: 'required', ...options })
  /** The spec of a freeze that stands, with a token of our own. */
  const specOf = async ({ id, epoch }: Freeze, token: string | undefined): Promise<FenceSpec> => {
    const [row] = await db.query(`SELECT nonce FROM ${freezeTable()} WHERE id = ?`, [id])
    const tokenDigest = token && createHash('sha256').update(token).digest('hex')
    const mark = { scope: parts.backend.scope, epoch, freeze: shortFreezeId(id) }
    return { ...mark, freezeId: id, reason: 'x', nonce: String(row?.['nonce']), tokenDigest }
  }
  const writeWith = (token: string): Promise<void> =>
    parts.executor.transaction(async (one) => {
      const { show } = parts.backend.present([token])
      await one.execute(show.sql, show.parameters)
      await one.execute(insertEntry())
    })
  /** A transaction of the holder's that has written, and does not end. */
  const openWith = async (token = ''): Promise<void> => {
    for (const sql of db.flavour.begin('READ COMMITTED')) await other.query(sql)
    const { show } = parts.backend.present([token])
    await other.query(show.sql.replace('$1', '?'), show.parameters)
    await other.query(insertEntry())
  }
  const isEnded = (): Promise<boolean> =>
    other.query('SELECT 1').then(
      () => false,
      () => true,
    )
  const isRefused = (token = ''): Promise<boolean> =>
    writeWith(token).then(
      () => false,
      ({ message }: Error) => message.includes('quiesce fence'),
    )
  const entries = async (): Promise<number> => (await db.query('SELECT id FROM entry')).length

  test('cannot make its token good again (catches a rekey that asks nobody)', async () => {
    const frozen = await freeze()
    const late = await specOf(frozen, 'late')
    await db.query(`UPDATE ${freezeTable()} SET nonce = 'another' WHERE id = ?`, [frozen.id])
    await expect(parts.backend.rekey(late)).rejects.toMatchObject({ kind: 'QUIESCE_FENCE' })
    await expect(writeWith('late')).rejects.toThrow(/quiesce fence/)
    await db.query(`UPDATE ${freezeTable()} SET nonce = ? WHERE id = ?`, [late.nonce, frozen.id])
    await parts.backend.rekey(late)
    await writeWith('late')
    await frozen.thaw()
  })

  test('raises nothing once its freeze has ended (catches triggers that come up after the thaw)', async () => {
    const frozen = await freeze()
    const late = await specOf(frozen, 'late')
    const { tables } = await parts.backend.survey(request(late))
    const hangs = await holdClaim(late)
    await frozen.thaw()
    // What had asked for the freeze before its end, and hangs since, is ended with it.
    if (hangs) expect(await isEnded()).toBe(true)
    await expect(parts.backend.raise(late, tables, { lockWaitMs: 500 })).rejects.toMatchObject({
      kind: 'QUIESCE_FENCE',
    })
    expect(await parts.backend.standing()).toEqual([])
    await db.query(insertEntry())
  })

  /** As a process that is paused between its look at the freeze and its statement; where that is one statement nobody can be. */
  async function holdClaim(late: FenceSpec): Promise<boolean> {
    if (kind === 'postgres' || name === 'standing') return false
    await other.query('SELECT GET_LOCK(?, 0)', [`${markName(late)}_r7`])
    return true
  }

  const request = (mark: FenceSpec) => ({
    policy: compileExemptions({}, undefined),
    selection: {},
    defaultSchema: undefined,
    mark,
  })

  test('commits nothing that it had begun, although the node that took its bypass away has died since (catches that only this node ends it)', async () => {
    const witness = db.cluster({ nodeLeaseMs: fastOptions.nodeLeaseMs })
    await witness.start()
    const frozen = await freeze({ onHolderLost: 'stay', maxFreezeMs: 60_000 })
    const before = await entries()
    await openWith(frozen.token)
    // On MySQL the open transaction itself keeps the bypass, so nobody can have got so far there.
    if (kind === 'postgres') await parts.backend.rekey(await specOf(frozen, undefined))
    const past = kind === 'postgres' ? `clock_timestamp() - interval '1 min'` : 'utc_timestamp(6) - interval 1 minute'
    await db.query(`UPDATE ${freezeTable()} SET lease_until = ${past}, lease_ms = 1 WHERE id = ?`, [frozen.id])
    await eventually('the open transaction was ended', isEnded, 20_000)
    expect(await entries()).toBe(before)
    await eventually('its token is dead', () => isRefused(frozen.token), 60_000)
    expect((await db.state()).mode).toBe('read-only')
    await witness.thaw(frozen.id, { force: true, reason: 'over' })
    await eventually('writes pass', () =>
      db.query(insertEntry()).then(
        () => true,
        () => false,
      ),
    )
    await witness.close()
  })

  test('commits nothing that it had begun when another process goes on with its freeze, which is told of every gap (catches a takeover that only changes the token)', async () => {
    const frozen = await freeze()
    const before = await entries()
    await openWith(frozen.token)
    await db.query(`UPDATE ${freezeTable()} SET nonce = 'next' WHERE id = ?`, [frozen.id])
    const next = await specOf(frozen, 'next')
    const timing = { watchMs: 1000, lateMs: 200 }
    const fencer = createFencer({ ...parts, ...timing, backends: [parts.backend], logger: silentLogger })
    const report = await fencer.takeOver(next, request(next))
    expect(await isEnded()).toBe(true)
    expect(await entries()).toBe(before)
    await expect(writeWith(frozen.token ?? '')).rejects.toThrow(/quiesce fence/)
    await writeWith('next')
    const survey = await holder.fenceSurvey()
    expect(report).toMatchObject({ backend: name, gaps: survey?.gaps })
    expect(report?.gaps).not.toEqual([])
    await holder.thaw(frozen.id, { force: true, reason: 'over' })
  })
})
