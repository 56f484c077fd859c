import type { Product } from '@quiesce/core/testing'
import mysql from 'mysql2/promise'
import pg from 'pg'
import type { Row } from '../../packages/core/src/domain/executor.ts'

export const postgres: Product = {
  past: `clock_timestamp() - interval '1 hour'`,
  place: 'quiesce.',
  entry: () => 'public.entry',
  async open(connectionString) {
    const client = new pg.Client({ connectionString, application_name: 'other' })
    client.on('error', () => {})
    await client.connect()
    return { query: async (sql) => (await client.query(sql)).rows, close: () => client.end() }
  },
}

/** MySQL and MariaDB. */
export const mysqlFamily: Product = {
  past: 'UTC_TIMESTAMP(6) - INTERVAL 1 HOUR',
  place: '',
  entry: (database) => `${database}.entry`,
  async open(uri) {
    const connection = await mysql.createConnection({
      uri,
      charset: 'UTF8MB4_BIN',
      supportBigNumbers: true,
      bigNumberStrings: true,
    })
    connection.on('error', () => {})
    await connection.query('SET SESSION autocommit = 1')
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
    return {
      async query(sql) {
        const [rows] = await connection.query(sql)
        return Array.isArray(rows) ? (rows as Row[]) : []
      },
      close: () => connection.end().catch(() => connection.destroy()),
    }
  },
}
