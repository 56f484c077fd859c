import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isReadOnlyError } from '../../domain/read-only-error.ts'
import type { TestCluster } from '../test-cluster.ts'

/** An application that writes through a guard. */
export interface GuardedApplication {
  run(sql: string): Promise<void>
  begin(): Promise<GuardedTransaction>
}

/** One of its transactions; a commit that fails leaves it rolled back. */
export interface GuardedTransaction {
  run(sql: string): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** A guarded application on an empty database, with a table `entry (id, note, seen)` whose column `seen` is exempt. */
export interface GuardSubject {
  readonly cluster: TestCluster
  readonly application: GuardedApplication
  /** Whether the ids are those in the table, by a connection that no guard sees. */
  ids(): Promise<readonly number[]>
  /** Sessions that were left with a transaction open. */
  openTransactions(): Promise<number>
  close(): Promise<void>
}

const INSERT = (id: number): string => `INSERT INTO entry (id, note, seen) VALUES (${id}, 'x', 0)`

/** What every guard must do; `make` gives an application on an empty database. */
export function describeGuardContract(name: string, make: () => Promise<GuardSubject>): void {
  describe(`the guard of ${name}`, () => {
    let subject: GuardSubject
    beforeEach(async () => {
      subject = await make()
      await subject.application.run(INSERT(1))
    })
    afterEach(async () => {
      expect(await subject.openTransactions(), 'transactions that were left open').toBe(0)
      await subject.close()
    })

    const refused = async (attempt: Promise<unknown>): Promise<void> => {
      const error = await attempt.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(isReadOnlyError(error), String(error)).toBe(true)
    }

    test('refuses protected writes before they are sent, and lets reads and exempt writes pass', async () => {
      const { application, cluster } = subject
      cluster.freeze()
      await refused(application.run(INSERT(2)))
      await refused(application.run(`UPDATE entry SET note = 'y', seen = 1 WHERE id = 1`))
      await refused(application.run('DELETE FROM entry'))
      await application.run('UPDATE entry SET seen = 1 WHERE id = 1')
      await application.run('SELECT count(*) FROM entry')
      cluster.thaw()
      await application.run(INSERT(3))
      expect(await subject.ids()).toEqual([1, 3])
    })

    test('lets a transaction that has written finish, and is drained when it has', async () => {
      const { application, cluster } = subject
      const writer = await application.begin()
      await writer.run(INSERT(2))
      cluster.drain(5000)
      expect(cluster.gate.drain().inFlight).toBe(1)
      await writer.run(INSERT(3))
      await writer.commit()
      expect(cluster.gate.drain().inFlight).toBe(0)
      expect(await subject.ids()).toEqual([1, 2, 3])
    })

    test('refuses the first write of a transaction that had only read, and leaves it usable', async () => {
      const { application, cluster } = subject
      const reader = await application.begin()
      await reader.run('SELECT count(*) FROM entry')
      cluster.drain(5000)
      await refused(reader.run(INSERT(2)))
      await reader.run('SELECT count(*) FROM entry')
      await reader.rollback()
      expect(await subject.ids()).toEqual([1])
    })

    test('rolls back a transaction that overstays the drain (catches a late commit)', async () => {
      const { application, cluster } = subject
      const writer = await application.begin()
      await writer.run(INSERT(2))
      cluster.drain(0)
      expect(cluster.gate.drain().inFlight).toBe(0)
      await refused(writer.commit())
      expect(await subject.ids()).toEqual([1])
    })
  })
}
