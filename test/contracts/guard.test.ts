import type { Cluster } from '@quiesce/core'
import { createTestCluster, describeGuardContract, type GuardSubject } from '@quiesce/core/testing'
import { type DatabaseName, freshDatabase } from '@quiesce/test-servers'
import { inject } from 'vitest'
import type { Application } from '../apps/application.ts'
import { driverApplication } from '../apps/driver-application.ts'
import { prismaApplication } from '../apps/prisma-application.ts'
import { typeormApplication } from '../apps/typeorm-application.ts'
import { databases } from '../support/database.ts'
import { connectRaw } from '../support/raw-connection.ts'

type Open = (cluster: Cluster, url: string) => Application | Promise<Application>

const guards: Readonly<Record<string, Open>> = {
  driver: (cluster, url) => driverApplication(cluster, { url, poolSize: 4, queryTimeoutMs: undefined }),
  prisma: (cluster, url) => prismaApplication(cluster, url, 4),
  typeorm: (cluster, url) => typeormApplication(cluster, url, 4),
}

const openTransactions: Readonly<Record<DatabaseName, string>> = {
  postgres: `SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()`,
  mysql: `SELECT 1 FROM performance_schema.events_transactions_current t JOIN performance_schema.threads s USING (thread_id)
    WHERE t.state = 'ACTIVE' AND s.processlist_db = database() AND s.processlist_id <> connection_id()`,
  mariadb: `SELECT 1 FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
    WHERE p.db = database() AND p.id <> connection_id()`,
}

async function makeSubject(kind: DatabaseName, open: Open): Promise<GuardSubject> {
  const database = await freshDatabase(inject(`${kind}Url`), 'guard')
  const outside = await connectRaw(database.url)
  await outside.query('CREATE TABLE entry (id int PRIMARY KEY, note varchar(20), seen int)')
  const cluster = createTestCluster(database.url, { entry: ['seen'] })
  // A test cluster carries the gate, which is all that guards ask of a cluster.
  const application = await open(cluster as unknown as Cluster, database.url)
  return {
    cluster,
    application: {
      run: (sql) => application.write(sql),
      async begin() {
        const transaction = await application.begin('READ COMMITTED')
        return { run: transaction.write, commit: transaction.commit, rollback: transaction.rollback }
      },
    },
    ids: async () => (await outside.query('SELECT id FROM entry ORDER BY id')).map(({ id }) => id),
    openTransactions: async () => (await outside.query(openTransactions[kind])).length,
    async close() {
      await application.close()
      await outside.end()
      await database.drop()
    },
  }
}

for (const kind of databases) {
  for (const [name, open] of Object.entries(guards))
    describeGuardContract(`${name} on ${kind}`, () => makeSubject(kind, open))
}
