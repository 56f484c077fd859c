// What the guards of Prisma and TypeORM cost, against the same ORM without them.
import { createCluster } from '@quiesce/core'
import { startPostgres } from '@quiesce/test-servers'
import { createTables } from '../../test/prisma/support/tables.ts'
import { writeReport } from '../support/report.ts'
import { nullDriver } from './null-driver.ts'
import { ratios, sentStatements } from './real-database.ts'
import { refusals } from './refusals.ts'
import { logSettings, openStatementLog } from './sent-statements.ts'

// The wait for a disk is not what is measured, and makes the figures of a client noisier.
const noDisk = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
await using server = await startPostgres({ settings: { ...logSettings, ...noDisk, unix_socket_directories: '.' } })
const url = await server.createDatabase()
const tables = await createTables(url)
await tables.reset()
const cluster = createCluster({
  database: url,
  exempt: { core_session: true, report_card: ['last_used_at'] },
  // A batch on a driver that answers at once keeps the heartbeat's timer out for as long as it lasts.
  nodeLeaseMs: 120_000,
  freezeLeaseMs: 180_000,
})
await cluster.migrate()
await cluster.start()
const sections = [
  await nullDriver(cluster),
  await ratios(url, server),
  await sentStatements(url, cluster, openStatementLog(server.logFile)),
  await refusals(url, cluster),
]
await cluster.close()
await tables.close()
await writeReport('guards', 'The guards of Prisma and TypeORM', [`PostgreSQL ${server.version}`], sections)
