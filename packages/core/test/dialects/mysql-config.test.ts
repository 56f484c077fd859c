import mysqlCallback from 'mysql2'
import mysql from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { chooseDialect } from '../../src/dialects/choose-dialect.ts'
import { connectionConfig } from '../../src/dialects/mysql/connection-config.ts'
import { checkNames } from '../../src/dialects/mysql/names.ts'
import { probeServer } from '../../src/dialects/mysql/server.ts'
import type { SqlExecutor } from '../../src/domain/executor.ts'

describe('the database that is given', () => {
  test.each([
    ['postgres://localhost/db', 'postgres'],
    ['postgresql://localhost/db', 'postgres'],
    ['mysql://localhost/db', 'mysql'],
    ['mariadb://localhost/db', 'mariadb'],
    [{ uri: 'mysql://localhost/db' }, 'mysql'],
    [{ type: 'mariadb', host: 'localhost' }, 'mariadb'],
    ['oracle://x', undefined],
    ['', undefined],
    [{ host: 'localhost', port: 5432 }, undefined],
    [undefined, undefined],
    [null, undefined],
  ])('%j is for %s', (database, name) => {
    expect(chooseDialect(database)?.name).toBe(name)
  })

  test('a URL is read as drivers and ORMs write it; their own parameters are left out', () => {
    const url = 'mysql://us%40er:p%2Fss%3F@db.example:3307/my%2Ddb?connection_limit=5&sslaccept=strict&timezone=Z'
    expect(connectionConfig(url)).toEqual({
      host: 'db.example',
      port: 3307,
      user: 'us@er',
      password: 'p/ss?',
      database: 'my-db',
      ssl: { rejectUnauthorized: true },
    })
    expect(connectionConfig('mariadb://[::1]?socket=/run/my.sock&ssl-mode=REQUIRED')).toMatchObject({
      host: '::1',
      socketPath: '/run/my.sock',
      ssl: { rejectUnauthorized: false },
    })
    expect(() => connectionConfig('mysql://user:pa/ss@host:3306/db')).toThrow(/well-formed/)
  })

  test.each([
    ['mysql2', mysqlCallback.createPool],
    ['mysql2/promise', mysql.createPool],
  ])('a pool of %s gives where it leads to, and nothing that changes how values are read', async (_, createPool) => {
    const options = { host: 'h', port: 1, user: 'u', password: 'p', database: 'd', socketPath: '/s' }
    const pool = createPool({
      ...options,
      dateStrings: true,
      timezone: '+05:00',
      flags: ['-FOUND_ROWS'],
      rowsAsArray: true,
    })
    expect(chooseDialect(pool)?.name).toBe('mysql')
    expect(connectionConfig(pool)).toEqual({
      ...options,
      ssl: false,
      compress: false,
      insecureAuth: false,
      enableCleartextPlugin: false,
    })
    await pool.end()
  })

  test('options of TypeORM name their user otherwise', () => {
    const options = { type: 'mysql', host: 'h', username: 'u', password: 'p', database: 'd', entities: [] }
    expect(connectionConfig(options)).toEqual({ host: 'h', user: 'u', password: 'p', database: 'd' })
  })
})

describe('names', () => {
  const problems = (namespace: string, tablePrefix: string, schema?: string) =>
    checkNames({ namespace, location: { schema, tablePrefix } }).map((problem) => problem.split(' must')[0])

  test('that the server would cut, refuse or confuse are told', () => {
    expect(problems('shop', 'quiesce_')).toEqual([])
    expect(problems('n'.repeat(200), 'p'.repeat(55), 's'.repeat(64))).toEqual([])
    expect(problems('n'.repeat(201), 'p'.repeat(56), 's'.repeat(65))).toEqual(['namespace', 'schema', 'tablePrefix'])
    expect(problems('a\0b', 'x?', '𝕏')).toEqual(['namespace', 'schema', 'tablePrefix'])
    expect(problems('', '', ' ')).toEqual(['namespace', 'schema', 'tablePrefix'])
  })
})

describe('the server', () => {
  const says = (version: string): SqlExecutor => ({
    execute: async () => ({ rows: [{ version, current_database: 'd' }], rowCount: 1 }),
    transaction: () => Promise.reject(new TypeError('not used')),
    close: async () => {},
  })

  test.each([
    ['8.0.17', 'mysql'],
    ['8.4.3', 'mysql'],
    ['9.7.4-2', 'mysql'],
    ['8.0.mysql_aurora.3.05.2', undefined],
    ['8.0.16', undefined],
    ['5.7.44-log', undefined],
    ['8.0.11-TiDB-v7.5.0', undefined],
    ['10.6.0-MariaDB', 'mariadb'],
    ['11.8.2-MariaDB-ubu2404', 'mariadb'],
    ['5.5.5-10.11.6-MariaDB-1:10.11.6+maria~ubu2204', 'mariadb'],
    ['10.5.29-MariaDB', undefined],
    ['5.5.68-MariaDB', undefined],
  ])('%s is taken for %s', async (version, product) => {
    const probe = probeServer(says(version)).then(({ language }) => language.product)
    if (product !== undefined) expect(await probe).toBe(product)
    else
      await expect(probe).rejects.toMatchObject({
        kind: 'QUIESCE_DATABASE',
        message: expect.stringMatching(/or later is needed/),
      })
  })
})
