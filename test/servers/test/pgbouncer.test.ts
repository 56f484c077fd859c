import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Pgbouncer, type SqlServer, startPgbouncer, startPostgres, wantedDatabases } from '../src/index.ts'
import { queryOnce } from '../src/query-once.ts'

// The first start on a machine downloads the pooler.
const coldMs = 180_000

describe.runIf(wantedDatabases().includes('postgres'))('a pooler', () => {
  let server: SqlServer
  let pooler: Pgbouncer

  beforeAll(async () => {
    server = await startPostgres()
    pooler = await startPgbouncer(await server.createDatabase('pooled'), {
      poolMode: 'transaction',
      settings: { default_pool_size: '1' },
    })
  }, coldMs)

  afterAll(async () => {
    await pooler?.stop()
    await server?.stop()
  })

  it('leads to the database of the target', async () => {
    expect(pooler.url).toBe(`postgres://postgres@127.0.0.1:${pooler.port}/pooled`)
    expect(pooler.port).not.toBe(server.port)
    expect(await queryOnce(pooler.url, 'SELECT current_database() AS name')).toEqual([{ name: 'pooled' }])
  })

  it('shares one session between clients, but not within a transaction', async () => {
    const [first, second] = [new Client(pooler.url), new Client(pooler.url)]
    await Promise.all([first.connect(), second.connect()])
    try {
      const pid = 'SELECT pg_backend_pid() AS pid'
      expect((await first.query(pid)).rows).toEqual((await second.query(pid)).rows)
      await first.query('BEGIN')
      await first.query(pid)
      const waiting = second.query(pid)
      const outcome = await Promise.race([waiting.then(() => 'answered'), first.query('SELECT pg_sleep(0.1)')])
      expect(outcome).not.toBe('answered')
      await first.query('COMMIT')
      expect((await waiting).rows).toHaveLength(1)
    } finally {
      await Promise.all([first.end(), second.end()])
    }
  })

  it('refuses users that it was not told about', async () => {
    const url = new URL(pooler.url)
    url.username = 'stranger'
    await expect(queryOnce(url.href, 'SELECT 1')).rejects.toThrow()
  })

  it('runs beside another one and ends when it is stopped, also twice', async () => {
    const other = await startPgbouncer(server.url, { poolMode: 'session' })
    expect(await queryOnce(other.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await Promise.all([other.stop(), other.stop()])
    await expect(queryOnce(other.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(await queryOnce(pooler.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('says what it said when it does not start', async () => {
    const failure = startPgbouncer(server.url, { settings: { pool_mode: 'none' } })
    await expect(failure).rejects.toMatchObject({
      code: 'PGBOUNCER_START_FAILED',
      message: expect.stringContaining('pool_mode'),
    })
    await expect(startPgbouncer(server.url, { port: server.port })).rejects.toThrow(/address already in use/i)
  })
})
