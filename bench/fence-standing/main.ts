// What both fences add to a write: in read-write mode, and to the holder's own while frozen.
import { startMariadb, startMysql, startPostgres } from '@quiesce/test-servers'
import { type Section, writeReport } from '../support/report.ts'
import type { BenchServer } from './bench-server.ts'
import { measureServer } from './measure.ts'
import { onMysql } from './on-mysql.ts'
import { onPostgres } from './on-postgres.ts'

await using postgres = await startPostgres()
await using mysql = await startMysql()
await using mariadb = await startMariadb()
const connections: readonly (() => Promise<BenchServer>)[] = [
  () => onPostgres(postgres),
  () => onMysql('MySQL', mysql),
  () => onMysql('MariaDB', mariadb),
]
const sections: Section[] = []
const products: string[] = []
for (const connect of connections) {
  const server = await connect()
  sections.push(await measureServer(server))
  products.push(server.product)
  await server.end()
}
await writeReport('fence-standing', 'What the fences add to a write', products, sections)
