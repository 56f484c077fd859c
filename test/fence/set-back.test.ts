import { describe, expect, test } from 'vitest'
import { databases, fastOptions, insertEntry, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { oneOfEachFamily } from '../support/long.ts'

describe.each(oneOfEachFamily(databases))('on %s', (kind) => {
  test('the fence of a freeze that a restored state does not know stays until the state has been made anew, although no node is left that knows of it (catches a restore that gives the writes back, and a fence that stands for ever)', async () => {
    const db = await testDatabase('set_back', kind)
    const [cluster, freezes] = ['cluster', 'freeze'].map(db.flavour.table)
    const operator = db.cluster()
    await operator.start()
    const before = await db.state()
    await operator.freeze({ reason: 'x', kind: 'operator', fence: 'required' })
    await operator.close()
    await db.query(`DELETE FROM ${freezes}`)
    await db.query(`UPDATE ${cluster} SET epoch = ${before.epoch}, mode = 'read-write'`)
    const node = db.cluster()
    const startedAtMs = performance.now()
    await node.start()
    const passes = (): Promise<boolean> =>
      db.query(insertEntry()).then(
        () => true,
        () => false,
      )
    await eventually('writes are back', passes, 30_000)
    expect(performance.now() - startedAtMs).toBeGreaterThan(fastOptions.freezeLeaseMs)
    expect((await node.history()).map(({ type }) => type)).toContain('state-adopted')
    await eventually('nothing of it is left', async () => (await node.fences()).length === 0, 10_000)
    await db.drop()
  })
})
