import type { Cluster } from '@quiesce/core'
import { type Admission, gateOf, guarded } from '@quiesce/core/adapter'
import Database from 'better-sqlite3'
import type { Application, Transaction } from './application.ts'

/** The smallest application on SQLite: one connection, whose statements are each asked for at the gate. */
export function sqliteApplication(cluster: Cluster, url: string, options: Database.Options = {}): Application {
  const database = new Database(url.replace(/^file:/, ''), options)
  const gate = gateOf(cluster)
  const session = gate.openSession()
  const run = (admission: Admission, sql: string): Promise<void> =>
    guarded(gate, admission, sql, async () => {
      const statement = database.prepare(sql)
      if (statement.reader) statement.all()
      else statement.run()
    })
  return {
    write: (sql) => run(session, sql),
    async begin() {
      const rollback = (): Promise<void> => run(session, 'ROLLBACK')
      const transaction: Transaction = {
        write: (sql) => run(session, sql),
        commit: () => run(session, 'COMMIT').catch((error) => rollback().then(() => Promise.reject(error))),
        rollback,
      }
      await run(session, 'BEGIN')
      return transaction
    },
    async close() {
      database.close()
    },
  }
}
