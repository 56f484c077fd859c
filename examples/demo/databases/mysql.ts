import { readFileSync } from 'node:fs'
import { startMariadb, startMysql } from '@quiesce/test-servers'
import mysql from 'mysql2/promise'
import type { Database, Server } from './database.ts'

/** Starts MySQL or MariaDB from Debian's packages. */
export async function startOnMysql(product: 'mysql' | 'mariadb'): Promise<Server> {
  const server = await (product === 'mysql' ? startMysql() : startMariadb())
  const [app, copy] = [connect(await server.createDatabase('app')), connect(await server.createDatabase('copy'))]
  return {
    label: `${product === 'mysql' ? 'MySQL' : 'MariaDB'} ${server.version}`,
    app,
    copy,
    stop: () => server.stop('immediate'),
  }
}

function connect(url: string): Database {
  const pool = mysql.createPool({ uri: url, multipleStatements: true, timezone: 'Z', dateStrings: true })
  const query = async (sql: string, parameters: readonly unknown[] = []): Promise<mysql.RowDataPacket[]> =>
    (await pool.query<mysql.RowDataPacket[]>(sql, [...parameters]))[0]
  return {
    url,
    async seed() {
      await query(readFileSync(new URL('./mysql.sql', import.meta.url), 'utf8'))
    },
    query: (sql) => query(sql),
    async checksums(table, columns) {
      const parts = columns.map((column) => `coalesce(concat('=', ${column}), '-')`).join(', ')
      const rows = await query(`SELECT id, sha2(concat_ws('|', ${parts}), 256) AS checksum FROM ${table}`)
      return new Map(rows.map(({ id, checksum }) => [id, checksum]))
    },
    async insert(table, rows) {
      if (rows.length > 0) await query(`INSERT INTO ${table} VALUES ?`, [rows.map((row) => Object.values(row))])
    },
    coordinationTable: (name) => `quiesce_${name}`,
    end: () => pool.end(),
  }
}
