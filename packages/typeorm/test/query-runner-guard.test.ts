import { describe, expect, it } from 'vitest'
import { attachReadOnly } from '../src/index.ts'
import { createFakeDataSource } from './fake-data-source.ts'
import { createFakeGate } from './fake-gate.ts'

describe('the guard of query runners', () => {
  it('sends nothing of a refused statement', async () => {
    const gate = createFakeGate('read-only')
    const db = createFakeDataSource('mysql')
    attachReadOnly(gate.cluster, db)
    const runner = db.createQueryRunner()
    await expect(runner.query('UPDATE t')).rejects.toHaveProperty('kind', 'QUIESCE_READ_ONLY')
    await expect(runner.stream('UPDATE t')).rejects.toHaveProperty('kind', 'QUIESCE_READ_ONLY')
    await runner.query('SELECT 1')
    expect(runner.sent).toEqual(['SELECT 1'])
  })

  it('ends a statement by what its error says', async () => {
    const gate = createFakeGate()
    const db = createFakeDataSource('mysql')
    attachReadOnly(gate.cluster, db)
    const runner = db.createQueryRunner()
    await runner.query('UPDATE t')
    await expect(runner.query('UPDATE fails')).rejects.toThrow('lost')
    expect(gate.log).toEqual(['admit UPDATE t', 'end answered', 'admit UPDATE fails', 'end unknown'])
  })

  it('guards a shared runner once, and does not end its session when one of its users releases it', async () => {
    const gate = createFakeGate()
    const db = createFakeDataSource('better-sqlite3', true)
    attachReadOnly(gate.cluster, db)
    const runner = db.createQueryRunner()
    await db.createQueryRunner().query('UPDATE t')
    await db.createQueryRunner().release()
    await runner.query('SELECT 1')
    expect(gate.log).toEqual(['admit UPDATE t', 'end answered', 'admit SELECT 1', 'end answered'])
  })

  it('ends the session of a runner that is released', async () => {
    const gate = createFakeGate()
    const db = createFakeDataSource('mysql')
    attachReadOnly(gate.cluster, db)
    await db.createQueryRunner().release()
    expect(gate.log).toEqual(['release'])
  })

  it('only forwards after it was detached, where somebody has wrapped it since', async () => {
    const gate = createFakeGate('read-only')
    const db = createFakeDataSource('mysql')
    const detach = attachReadOnly(gate.cluster, db)
    const { createQueryRunner } = db.driver
    db.driver.createQueryRunner = (mode) => createQueryRunner(mode)
    const runner = db.createQueryRunner()
    detach()
    await runner.query('UPDATE t')
    await db.createQueryRunner().query('UPDATE t')
    expect(gate.log).toEqual([])
  })

  it('refuses MongoDB', () => {
    expect(() => attachReadOnly(createFakeGate().cluster, createFakeDataSource('mongodb'))).toThrow(
      expect.objectContaining({ kind: 'QUIESCE_CONFIG' }),
    )
  })
})

describe('a driver that commits by a call', () => {
  it('tells the session where the outermost transaction begins and ends', async () => {
    const gate = createFakeGate()
    const db = createFakeDataSource('mssql')
    attachReadOnly(gate.cluster, db)
    const runner = db.createQueryRunner()
    await runner.startTransaction()
    await runner.startTransaction()
    await runner.commitTransaction()
    await runner.commitTransaction()
    await runner.startTransaction()
    await runner.rollbackTransaction()
    expect(gate.log).toEqual(['begin', 'admit COMMIT', 'end answered', 'begin', 'rolledBack'])
  })

  it('does not call for a commit that is refused, and rolls back', async () => {
    const gate = createFakeGate()
    const db = createFakeDataSource('mssql')
    attachReadOnly(gate.cluster, db)
    const runner = db.createQueryRunner()
    await runner.startTransaction()
    gate.setMode('read-only')
    await expect(runner.commitTransaction()).rejects.toHaveProperty('kind', 'QUIESCE_READ_ONLY')
    await runner.rollbackTransaction()
    expect(runner.sent).toEqual(['start', 'rollback'])
    expect(gate.log).toEqual(['begin', 'rolledBack'])
  })
})
