import { existsSync } from 'node:fs'
import { createConnection } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort } from '../src/free-port.ts'
import { freshDatabase, type SqlServer, startMariadb, startMysql, testServer, wantedDatabases } from '../src/index.ts'
import { queryMysqlOnce } from '../src/query-mysql-once.ts'
import { endOfParent } from './end-of-parent.ts'

// The first start on a machine downloads the server.
const coldMs = 180_000

const products = [
  { name: 'mysql', start: startMysql, version: /^(9|\d\d)\.\d+\.\d+$/, variable: 'QUIESCE_TEST_MYSQL_URL' },
  { name: 'mariadb', start: startMariadb, version: /^1\d\.\d+\.\d+$/, variable: 'QUIESCE_TEST_MARIADB_URL' },
] as const

for (const product of products) {
  const options = { timeout: 30_000 }
  describe.runIf(wantedDatabases().includes(product.name))(product.name, options, () => describeServer(product))
}

function describeServer(product: (typeof products)[number]): void {
  const code = product.name.toUpperCase()
  let server: SqlServer

  beforeAll(async () => {
    server = await product.start({ binlog: true, settings: { 'max-connections': '50' } })
  }, coldMs)

  afterAll(() => server?.stop())

  it('is the product that was asked for', async () => {
    expect(server.version).toMatch(product.version)
    const [row] = await queryMysqlOnce(server.url, 'SELECT VERSION() AS version')
    expect(String(row?.['version']).includes('MariaDB')).toBe(product.name === 'mariadb')
    expect(server.url).toBe(`mysql://root@127.0.0.1:${server.port}/`)
  })

  it('has our settings on top of the defaults', async () => {
    const sql = 'SELECT @@max_connections AS max, @@innodb_flush_log_at_trx_commit AS flush, @@time_zone AS zone'
    expect(await queryMysqlOnce(server.url, sql)).toEqual([{ max: 50, flush: 2, zone: 'SYSTEM' }])
  })

  it('lets root do everything over TCP', async () => {
    await queryMysqlOnce(server.url, "CREATE USER someone@'%' IDENTIFIED BY 'secret'")
    await queryMysqlOnce(server.url, "GRANT ALL ON *.* TO someone@'%' WITH GRANT OPTION")
    await queryMysqlOnce(server.url, "DROP USER someone@'%'")
  })

  it('writes a binary log of rows when asked to', async () => {
    const sql = 'SELECT @@log_bin AS log, @@binlog_format AS format, @@server_id AS id'
    expect(await queryMysqlOnce(server.url, sql)).toEqual([{ log: 1, format: 'ROW', id: 1 }])
  })

  it('creates utf8mb4 databases under a given or a unique name', async () => {
    const named = await server.createDatabase('Some `name`')
    const sql = 'SELECT DATABASE() AS name, @@character_set_database AS charset'
    expect(await queryMysqlOnce(named, sql)).toEqual([{ name: 'Some `name`', charset: 'utf8mb4' }])
    expect(await server.createDatabase()).not.toBe(await server.createDatabase())
  })

  it('drops a fresh database although a transaction is open', async () => {
    const database = await freshDatabase(server.url, 'Drop, with a session')
    expect(database.name).toMatch(/^drop_with_a_session_[0-9a-f]{12}$/)
    const session = await createConnection(database.url)
    const lost = new Promise((resolve) => session.on('error', resolve))
    await session.query('CREATE TABLE held (id int)')
    await session.query('START TRANSACTION')
    await session.query('SELECT * FROM held')
    await database.drop()
    await lost
    await expect(queryMysqlOnce(database.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ER_BAD_DB_ERROR' })
    await database.drop()
  })

  it('keeps its data, port and URL over a restart and over a SIGKILL', async () => {
    const url = await server.createDatabase()
    await queryMysqlOnce(url, 'CREATE TABLE kept AS SELECT 42 AS value')
    const before = server.pid
    await server.restart()
    expect(server.pid).not.toBe(before)
    expect(await queryMysqlOnce(url, 'SELECT value FROM kept')).toEqual([{ value: 42 }])
    await queryMysqlOnce(url, 'INSERT INTO kept VALUES (43)')
    server.kill()
    await server.restart()
    expect(await queryMysqlOnce(url, 'SELECT value FROM kept')).toEqual([{ value: 42 }, { value: 43 }])
  })

  it('runs beside another one, which removes its data when it stops', async () => {
    const other = await product.start()
    const sql = product.name === 'mysql' ? 'SELECT @@server_uuid AS id' : 'SELECT @@port AS id'
    expect(await queryMysqlOnce(other.url, sql)).not.toEqual(await queryMysqlOnce(server.url, sql))
    expect(await queryMysqlOnce(other.url, 'SELECT @@log_bin AS log')).toEqual([{ log: 0 }])
    await Promise.all([other.stop(), other.stop()])
    expect(existsSync(other.dataDir)).toBe(false)
    await expect(queryMysqlOnce(other.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(other.restart()).rejects.toMatchObject({ code: `${code}_STOPPED` })
  })

  it('says what the server said when it does not start', async () => {
    await expect(product.start({ port: server.port })).rejects.toMatchObject({
      code: `${code}_START_FAILED`,
      message: expect.stringContaining('Address already in use'),
    })
  })

  it.each(['exit', 'SIGKILL'] as const)('does not outlive its parent (%s)', async (end) => {
    const { url, dataDir } = await endOfParent(product.name, end)
    await vi.waitFor(
      async () => {
        await expect(queryMysqlOnce(url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
        expect(existsSync(dataDir)).toBe(false)
      },
      { timeout: 5_000 },
    )
  })

  describe('testServer', () => {
    afterEach(() => vi.unstubAllEnvs())

    it('uses the server that the environment names and leaves it running', async () => {
      vi.stubEnv(product.variable, server.url)
      const found = await testServer(product.name)
      expect(found).toMatchObject({ url: server.url, version: server.version })
      await found.close()
      expect(await queryMysqlOnce(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    })

    it('fails with the command that starts a server when it cannot be reached', async () => {
      vi.stubEnv(product.variable, `mysql://root:secret@127.0.0.1:${await freePort()}/`)
      await expect(testServer(product.name)).rejects.toMatchObject({
        code: `${code}_UNREACHABLE`,
        message: expect.stringMatching(
          new RegExp(`^Cannot reach(?!.*secret).*ECONNREFUSED.*docker compose .* ${product.name}\n`, 's'),
        ),
      })
    })
  })
}
