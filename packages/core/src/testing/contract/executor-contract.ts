import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SqlExecutor } from '../../domain/executor.ts'
import { eventually } from './eventually.ts'

/** An executor on an empty database, and how its statements are written. */
export interface ExecutorSubject {
  readonly executor: SqlExecutor
  readonly createTable: string
  /** Inserts one row; takes one parameter. */
  readonly insert: string
  /** Gives the rows as `n`. */
  readonly select: string
  /** Breaks every connection of the executor, from outside. */
  breakConnections(): Promise<void>
  close(): Promise<void>
}

/** What every executor of coordination statements must do; `make` gives one on an empty database. */
export function describeExecutorContract(name: string, make: () => Promise<ExecutorSubject>): void {
  describe(`the executor on ${name}`, () => {
    let subject: ExecutorSubject
    beforeEach(async () => {
      subject = await make()
      await subject.executor.execute(subject.createTable)
    })
    afterEach(() => subject.close())

    const numbers = async (): Promise<readonly number[]> => {
      const { rows } = await subject.executor.execute(subject.select)
      return rows.map((row) => Number(row['n'])).sort()
    }

    test('commits each statement by itself (catches a session with autocommit off)', async () => {
      await subject.executor.execute(subject.insert, [1])
      await subject.breakConnections()
      await eventually('it connects again', () =>
        numbers().then(
          (seen) => seen.length === 1,
          () => false,
        ),
      )
    })

    test('keeps what a transaction did when its work resolves, and nothing of it when the work throws', async () => {
      const { executor, insert } = subject
      const given = await executor.transaction(async (one) => {
        await one.execute(insert, [1])
        return 'done'
      })
      const failure = executor.transaction(async (one) => {
        await one.execute(insert, [2])
        return Promise.reject(new RangeError('the work failed'))
      })
      await expect(failure).rejects.toThrow('the work failed')
      expect(given).toBe('done')
      expect(await numbers()).toEqual([1])
    })

    test('serves others while a transaction is open (catches a heartbeat that waits for a lock’s connection)', async () => {
      await subject.executor.transaction(async (one) => {
        await one.execute(subject.insert, [1])
        expect(await numbers()).toEqual([])
      })
    })

    test('tells a transaction whose connection broke, and keeps nothing of it', async () => {
      const broken = subject.executor.transaction(async (one) => {
        await one.execute(subject.insert, [1])
        await subject.breakConnections()
        await eventually('it is told', () => one.lost.aborted)
      })
      await expect(broken).rejects.toThrow()
      await eventually('it connects again', () =>
        numbers().then(
          (seen) => seen.length === 0,
          () => false,
        ),
      )
    })
  })
}
