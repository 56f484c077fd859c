import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort } from '../src/free-port.ts'
import { freshDatabase, type SqlServer, startPostgres, testServer } from '../src/index.ts'
import { queryOnce } from '../src/query-once.ts'
import { endOfParent } from './end-of-parent.ts'

let server: SqlServer

beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: '50' } })
})

afterAll(() => server.stop())

async function openSession(url: string): Promise<{ client: Client; lost: Promise<unknown> }> {
  const client = new Client(url)
  // The driver may report a lost connection more than once.
  const lost = new Promise((resolve) => client.on('error', resolve))
  await client.connect()
  return { client, lost }
}

describe('a started server', () => {
  it('is PostgreSQL 18', async () => {
    const [row] = await queryOnce(server.url, 'SELECT version()')
    expect(row?.['version']).toMatch(/^PostgreSQL 18\./)
    expect(server.version).toMatch(/^18\.\d+/)
  })

  it('has our settings on top of the defaults', async () => {
    const [row] = await queryOnce(
      server.url,
      "SELECT current_setting('max_connections') AS max, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS sync",
    )
    expect(row).toEqual({ max: '50', fsync: 'off', sync: 'on' })
  })

  it('creates databases under a given or a unique name', async () => {
    const named = await server.createDatabase('Some "name"')
    expect(await queryOnce(named, 'SELECT current_database() AS name')).toEqual([{ name: 'Some "name"' }])
    expect(await server.createDatabase()).not.toBe(await server.createDatabase())
  })

  it('drops a fresh database although a session is open', async () => {
    const database = await freshDatabase(server.url, 'Drop, with a session')
    expect(database.name).toMatch(/^drop_with_a_session_[0-9a-f]{12}$/)
    const { lost } = await openSession(database.url)
    await database.drop()
    await lost
    await expect(queryOnce(database.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' })
    await database.drop()
  })

  it('keeps its data, port and URL over a restart', async () => {
    const url = await server.createDatabase()
    await queryOnce(url, 'CREATE TABLE kept AS SELECT 42 AS value')
    const before = server.pid
    await server.restart()
    expect(server.pid).not.toBe(before)
    expect(await queryOnce(url, 'SELECT value FROM kept')).toEqual([{ value: 42 }])
  })

  it('keeps committed data over a SIGKILL of the postmaster with sessions open', async () => {
    const url = await server.createDatabase()
    const { client, lost } = await openSession(url)
    await client.query('CREATE TABLE kept AS SELECT 42 AS value')
    server.kill()
    await lost
    await server.restart()
    expect(await queryOnce(url, 'SELECT value FROM kept')).toEqual([{ value: 42 }])
  })
})

describe('stop', () => {
  it('removes the data directory, frees the port and may be called twice', async () => {
    const port = await freePort()
    const first = await startPostgres({ port })
    expect(first.port).toBe(port)
    await Promise.all([first.stop(), first.stop()])
    expect(existsSync(first.dataDir)).toBe(false)
    await expect(queryOnce(first.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(first.restart()).rejects.toMatchObject({ code: 'POSTGRES_STOPPED' })
    await using second = await startPostgres({ port })
    expect(second.port).toBe(port)
  })

  it('waits for a restart under way instead of leaving its server behind', async () => {
    const other = await startPostgres()
    const restarted = other.restart()
    await other.stop('immediate')
    await restarted
    await expect(queryOnce(other.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('a data directory of the caller', () => {
  it('stays after the stop and holds the data for the next start', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'quiesce-given-'))
    try {
      const first = await startPostgres({ dataDir })
      await queryOnce(first.url, 'CREATE TABLE kept AS SELECT 42 AS value')
      await first.stop()
      await using second = await startPostgres({ dataDir })
      expect(await queryOnce(second.url, 'SELECT value FROM kept')).toEqual([{ value: 42 }])
    } finally {
      rmSync(dataDir, { recursive: true })
    }
  })
})

describe('a failed start', () => {
  it('says what the server said and leaves nothing behind', async () => {
    const failure = startPostgres({ port: server.port })
    await expect(failure).rejects.toMatchObject({
      code: 'POSTGRES_START_FAILED',
      message: expect.stringContaining('Address already in use'),
    })
    const directory = /\((.*)\/server\.log\)/.exec(String(await failure.catch(String)))?.[1]
    expect(directory).toBeDefined()
    expect(existsSync(String(directory))).toBe(false)
  })

  it('ends with the reason of an aborted signal and stops what it had started', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const dataDir = mkdtempSync(join(tmpdir(), 'quiesce-aborted-'))
    try {
      const first = await startPostgres({ dataDir })
      await first.stop()
      // As a cold standby without a primary it never becomes ready.
      writeFileSync(join(dataDir, 'standby.signal'), '')
      const failure = startPostgres({ dataDir, settings: { hot_standby: 'off' }, signal: controller.signal })
      await vi.waitFor(() => expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(true), { timeout: 10_000 })
      controller.abort(reason)
      await expect(failure).rejects.toBe(reason)
      expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(false)
    } finally {
      rmSync(dataDir, { recursive: true })
    }
  })
})

describe('a server whose parent is gone', () => {
  it.each(['exit', 'SIGKILL'] as const)('does not outlive it (%s)', async (end) => {
    const { url, dataDir } = await endOfParent('postgres', end)
    await vi.waitFor(
      async () => {
        await expect(queryOnce(url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
        expect(existsSync(dataDir)).toBe(false)
      },
      { timeout: 5_000 },
    )
  })
})

describe('testServer', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('uses the server that the environment names and leaves it running', async () => {
    vi.stubEnv('QUIESCE_TEST_POSTGRES_URL', server.url)
    const found = await testServer('postgres')
    expect(found).toMatchObject({ url: server.url, version: server.version })
    await found.close()
    expect(await queryOnce(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('fails with the command that starts a server when it cannot be reached', async () => {
    vi.stubEnv('QUIESCE_TEST_POSTGRES_URL', `postgres://postgres:secret@127.0.0.1:${await freePort()}/postgres`)
    await expect(testServer('postgres')).rejects.toMatchObject({
      code: 'POSTGRES_UNREACHABLE',
      message: expect.stringMatching(/^Cannot reach(?!.*secret).*ECONNREFUSED.*docker compose .* postgres/s),
    })
  })
})

it('writes its log to a file', () => {
  expect(readFileSync(server.logFile, 'utf8')).toContain('ready to accept connections')
})
