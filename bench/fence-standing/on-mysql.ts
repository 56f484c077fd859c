import { readFileSync } from 'node:fs'
import type { SqlServer } from '@quiesce/test-servers'
import mysql, { type RowDataPacket } from 'mysql2/promise'
import { type BenchServer, ROWS, TABLES } from './bench-server.ts'

const thread = {
  MySQL: 'SELECT THREAD_OS_ID AS tid FROM performance_schema.threads WHERE PROCESSLIST_ID = CONNECTION_ID()',
  MariaDB: 'SELECT TID AS tid FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()',
}

/** Connects to a MySQL or MariaDB of the tests, which flush once a second. */
export async function onMysql(product: keyof typeof thread, server: SqlServer): Promise<BenchServer> {
  const url = await server.createDatabase('bench')
  const client = await mysql.createConnection(url.replace(/^\w+/, 'mysql'))
  const [[{ tid } = { tid: 0 }]] = await client.query<(RowDataPacket & { tid: number })[]>(thread[product])
  for (const name of TABLES) {
    await client.query(`CREATE TABLE ${name} (id int PRIMARY KEY, v int)`)
    const rows = Array.from({ length: ROWS }, (_, n) => `(${n + 1}, 0)`)
    await client.query(`INSERT INTO ${name} VALUES ${rows.join(', ')}`)
  }
  return {
    product: `${product} ${server.version}`,
    url,
    run: (sql) => client.query(sql),
    serverNs: () => Number(readFileSync(`/proc/${tid}/schedstat`, 'utf8').split(' ')[0]),
    async begin(isolation) {
      await client.query(`SET TRANSACTION ISOLATION LEVEL ${isolation}`)
      await client.query('START TRANSACTION')
    },
    showToken: async (token) => void (await client.query('SET @quiesce_token = ?', [token])),
    end: () => client.end(),
  }
}
