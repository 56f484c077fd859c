import { setTimeout as sleep } from 'node:timers/promises'
import { isReadOnlyError } from '@quiesce/core/adapter'
import type { QueryRunner } from 'typeorm'
import * as typeorm from 'typeorm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqliteFixture, type SqliteFixture } from './sqlite-fixture.ts'

const INSERT = `INSERT INTO setting (name) VALUES ('x')`

describe('drain on SQLite, where all share one query runner', () => {
  let fixture: SqliteFixture
  let runner: QueryRunner

  beforeEach(async () => {
    fixture = await openSqliteFixture(typeorm)
    runner = fixture.db.createQueryRunner()
  })
  afterEach(async () => {
    expect(await fixture.leaks()).toEqual([])
    await fixture[Symbol.asyncDispose]()
  })

  const settings = (): number => Number(fixture.plain.prepare('SELECT count(*) - 1 FROM setting').pluck().get())
  const isDrained = (ms: number): Promise<boolean> =>
    Promise.race([fixture.node.drained().then(() => true), sleep(ms, false)])

  it('is guarded once, however often it is asked for, also below what others have put on it', () => {
    const guarded = runner.query
    expect(fixture.db.createQueryRunner().query).toBe(guarded)
    const traced: QueryRunner['query'] = (sql: string) => guarded.call(runner, sql)
    runner.query = traced
    expect(fixture.db.createQueryRunner().query).toBe(traced)
  })

  it('lets a transaction that has written go on and commit', async () => {
    await runner.startTransaction()
    await runner.query(INSERT)
    fixture.node.beginFreeze()
    await runner.manager.getRepository('Setting').save({ name: 'after' })
    expect(await isDrained(20)).toBe(false)
    await runner.commitTransaction()
    expect(await isDrained(20)).toBe(true)
    expect(settings()).toBe(2)
  })

  it('refuses the first write of a transaction that has only read, and does not wait for it', async () => {
    await runner.startTransaction()
    await runner.query('SELECT * FROM setting')
    fixture.node.beginFreeze()
    expect(await isDrained(20)).toBe(true)
    await expect(runner.query(INSERT)).rejects.toSatisfy(isReadOnlyError)
    await expect(runner.query('SELECT * FROM setting')).resolves.toHaveLength(1)
    await runner.commitTransaction()
  })

  it('waits for a transaction of which a write from elsewhere has become a part', async () => {
    await runner.startTransaction()
    await runner.query('SELECT * FROM setting')
    await fixture.db.query(INSERT)
    expect(settings()).toBe(0)
    fixture.node.beginFreeze()
    expect(await isDrained(20)).toBe(false)
    await runner.commitTransaction()
    expect(await isDrained(20)).toBe(true)
    expect(settings()).toBe(1)
  })

  it('rolls back a transaction whose COMMIT comes past the deadline', async () => {
    const written = fixture.db.transaction(async (manager) => {
      await manager.query(INSERT)
      fixture.node.beginFreeze(50)
      await fixture.node.drained()
      await sleep(20)
    })
    await expect(written).rejects.toMatchObject({ kind: 'QUIESCE_READ_ONLY', because: 'drain-deadline' })
    expect(settings()).toBe(0)
  })

  it('keeps the outer transaction open at the end of a nested one', async () => {
    await runner.startTransaction()
    await runner.startTransaction()
    await runner.query(INSERT)
    fixture.node.beginFreeze()
    await runner.commitTransaction()
    expect(await isDrained(20)).toBe(false)
    await runner.commitTransaction()
    expect(await isDrained(20)).toBe(true)
  })

  it('is over for a transaction that a constraint has refused and TypeORM rolled back', async () => {
    const doubled = fixture.db.transaction(async (manager) => {
      await manager.query(INSERT)
      await manager.getRepository('ReportCard').insert({ name: 'revenue' })
    })
    await expect(doubled).rejects.toMatchObject({ driverError: { code: 'SQLITE_CONSTRAINT_UNIQUE' } })
    fixture.node.beginFreeze()
    expect(await isDrained(20)).toBe(true)
    expect(fixture.node.gate.drain()).toMatchObject({ inFlight: 0, unknown: 0 })
  })

  it('lets no row land after it, in 20 flips under load', async () => {
    let acknowledged = 0
    let isOver = false
    const write = async (): Promise<number> => {
      if (Math.random() < 0.5) {
        await fixture.db.query(INSERT)
        return 1
      }
      return fixture.db.transaction(async (manager) => {
        await manager.query(INSERT)
        await sleep(Math.random() * 4)
        await manager.getRepository('Setting').insert({ name: 'y' })
        return 2
      })
    }
    // One writer: transactions that overlap on the one runner would be nested in each other.
    const writing = (async () => {
      while (!isOver) {
        try {
          acknowledged += await write()
        } catch (error) {
          if (!isReadOnlyError(error)) throw error
          await sleep(1)
        }
      }
    })()
    for (let round = 0; round < 20; round += 1) {
      await sleep(Math.random() * 20)
      await fixture.node.freeze()
      const drained = settings()
      await sleep(Math.random() * 20)
      expect(settings()).toBe(drained)
      fixture.node.thaw()
    }
    isOver = true
    await writing
    expect(settings()).toBe(acknowledged)
    expect(acknowledged).toBeGreaterThan(20)
  })
})
