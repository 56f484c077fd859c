import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { enterRun } from '../../packages/core/src/domain/run-transition.ts'
import { fenceParts } from '../fence/support/fence-parts.ts'
import { databases, fastOptions, insertEntry, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { oneOfEachFamily } from '../support/long.ts'

describe.each(oneOfEachFamily(databases))('on %s', (kind) => {
  test('the freeze of a lost run ends when what has proved the run has committed, not before (catches a commit beside the writes that came back)', async () => {
    const db = await testDatabase('late_proof', kind)
    const { store, executor } = fenceParts(db.url, 'on-freeze')
    const witness = db.cluster()
    await witness.start()
    const freeze = await db.cluster({ freezeLeaseMs: 20_000 }).freeze({ reason: 'x', fence: 'off', awaitServer: false })
    const run = { id: randomUUID(), nonce: randomUUID() }
    const state = enterRun([{ name: 'step', weight: 1, afterThaw: false }])
    const who = { name: 'move', reason: 'x', owner: 'ann', holder: randomUUID(), onHolderLost: 'thaw' } as const
    await store.runs.begin({ ...run, ...who, leaseMs: 20_000, takeoverMs: 1000, state })
    await store.runs.save(run.id, run.nonce, { state, freezeId: freeze.id, event: { type: 'run-phase', detail: {} } })

    // A holder that was paused between its last proof and its COMMIT.
    const proof = store.runs.proof(run.id, run.nonce, undefined, 60_000) ?? []
    let modeAtCommit: string | undefined
    await executor.transaction(async (one) => {
      for (const { sql, parameters } of proof) expect((await one.execute(sql, parameters)).rows).toHaveLength(1)
      await one.execute(insertEntry())
      const past = kind === 'postgres' ? `clock_timestamp() - interval '1 min'` : 'utc_timestamp(6) - interval 1 minute'
      await db.query(`UPDATE ${db.flavour.table('freeze')} SET lease_until = ${past} WHERE id = ?`, [freeze.id])
      // Time for the other node to see it, several times over.
      await delay(4 * fastOptions.pollIntervalMs + fastOptions.lockDelayMs)
      modeAtCommit = (await db.state()).mode
    })
    expect(modeAtCommit).toBe('read-only')
    await eventually('writes come back', async () => (await db.state()).mode === 'read-write')
    // Nobody proves it after that.
    const late = executor.transaction(async (one) => {
      const [last] = proof.slice(-1)
      return last && (await one.execute(last.sql, last.parameters)).rows
    })
    expect(await late).toEqual([])
    await executor.close()
    await db.drop()
  })
})
