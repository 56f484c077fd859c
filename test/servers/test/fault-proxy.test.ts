import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type FaultProxy, type SqlServer, startFaultProxy, startPostgres } from '../src/index.ts'
import { queryOnce } from '../src/query-once.ts'

let server: SqlServer
let proxy: FaultProxy
let client: Client
const errors: Error[] = []

beforeAll(async () => {
  server = await startPostgres()
  await queryOnce(server.url, 'CREATE TABLE written (id int)')
})

afterAll(() => server.stop())

beforeEach(async () => {
  await queryOnce(server.url, 'TRUNCATE written')
  proxy = await startFaultProxy({ host: '127.0.0.1', port: server.port })
  client = new Client(proxy.url(server.url))
  errors.length = 0
  client.on('error', (error) => errors.push(error))
  await client.connect()
})

afterEach(async () => {
  await proxy.close()
  await client.end()
})

/** True when `promise` is still pending after a time in which an answer would have come many times over. */
async function isHeld(promise: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([promise, delay(150, 'held')])) === 'held'
}

function countWritten(): Promise<unknown> {
  return queryOnce(server.url, 'SELECT count(*)::int AS n FROM written').then(([row]) => row?.['n'])
}

it('forwards more than the socket buffers hold', async () => {
  const { rows } = await client.query('SELECT length($1) AS sent, repeat($2, 5000000) AS received', [
    'x'.repeat(5_000_000),
    'y',
  ])
  expect(rows[0].sent).toBe(5_000_000)
  expect(rows[0].received).toHaveLength(5_000_000)
})

it('holds a request during a pause and delivers it afterwards', async () => {
  proxy.pause()
  const insert = client.query('INSERT INTO written VALUES (1)')
  expect(await isHeld(insert)).toBe(true)
  expect(await countWritten()).toBe(0)
  proxy.resume()
  expect((await insert).rowCount).toBe(1)
  expect(await countWritten()).toBe(1)
})

it('holds only requests with pauseUpstream', async () => {
  const sleeping = client.query('SELECT pg_sleep(0.2)')
  await delay(50)
  proxy.pauseUpstream()
  await sleeping
  expect(await isHeld(client.query('INSERT INTO written VALUES (1)'))).toBe(true)
  expect(await countWritten()).toBe(0)
})

it('holds only answers with pauseDownstream: the write happened and its client cannot know', async () => {
  proxy.pauseDownstream()
  const insert = client.query('INSERT INTO written VALUES (1)')
  expect(await isHeld(insert)).toBe(true)
  expect(await countWritten()).toBe(1)
  proxy.resume()
  expect((await insert).rowCount).toBe(1)
})

it('delivers a large answer that was held halfway, in order', async () => {
  const rows = client.query('SELECT i FROM generate_series(1, 500000) AS i')
  await delay(30)
  proxy.pause()
  expect(await isHeld(rows)).toBe(true)
  proxy.resume()
  const ids = (await rows).rows.map((row) => row.i)
  expect(ids).toEqual(Array.from({ length: 500_000 }, (_, index) => index + 1))
})

it('keeps a client that goes away during a pause from being noticed by the server', async () => {
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
  const isConnected = (): Promise<unknown> =>
    queryOnce(server.url, `SELECT FROM pg_stat_activity WHERE pid = ${rows[0].pid}`).then((found) => found.length === 1)
  proxy.pause()
  client.connection.stream.destroy()
  await delay(150)
  expect(await isConnected()).toBe(true)
  proxy.resume()
  await expect.poll(isConnected).toBe(false)
})

it('holds new connections too', async () => {
  proxy.pause()
  const answer = queryOnce(proxy.url(server.url), 'SELECT 1 AS one')
  expect(await isHeld(answer)).toBe(true)
  proxy.resume()
  expect(await answer).toEqual([{ one: 1 }])
})

it('breaks connections with reset, also during a pause, and accepts new ones', async () => {
  proxy.pause()
  const failed = expect(client.query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNRESET' })
  await delay(20)
  proxy.reset()
  await failed
  proxy.resume()
  expect(await queryOnce(proxy.url(server.url), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

it('refuses new connections and lets present ones go on', async () => {
  await proxy.refuse(true)
  await expect(queryOnce(proxy.url(server.url), 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await proxy.refuse(false)
  expect(await queryOnce(proxy.url(server.url), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

it('passes the end of the server on to the client', async () => {
  const failed = expect(client.query('SELECT pg_sleep(30)')).rejects.toMatchObject({ code: '57P01' })
  const ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)'"
  // The statement may not have reached the server yet.
  await expect.poll(() => queryOnce(server.url, ending), { timeout: 10_000 }).toHaveLength(1)
  await failed
  await expect.poll(() => errors.length).toBeGreaterThan(0)
})
