import { createServer } from 'node:http'
import type { Cluster } from '@quiesce/core'
import { isReadOnlyResponse, readOnlyAnswer, retryWhenWritable } from '@quiesce/http/client'
import { readOnlyErrors, readOnlyHttp } from '@quiesce/http/express'
import express from 'express'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { calmOptions } from './calm-options.ts'
import { listening, type RunningShell } from './shell.ts'

let database: TestDatabase
let cluster: Cluster
let server: RunningShell
let url: string
/** What the handler got. */
const received: string[] = []

beforeAll(async () => {
  database = await testDatabase('http_client')
  cluster = database.cluster(calmOptions)
  await cluster.start()
  const app = express()
  app.use(readOnlyHttp(cluster, { status: 'auto', retryAfterJitter: 0 }))
  app.all('/orders', express.text({ type: '*/*' }), (request, response) => {
    received.push(`${request.method} ${request.body ?? ''}`)
    response.send('done')
  })
  app.use(readOnlyErrors(cluster))
  server = await listening(createServer(app))
  url = `http://127.0.0.1:${server.port}/orders`
})
afterEach(async () => {
  received.length = 0
  for (const { id } of cluster.state.freezes) await cluster.thaw(id, { force: true, reason: 'the test is over' })
})
afterAll(async () => {
  await server?.close()
  await database?.drop()
})

test('a write during a freeze arrives once, after the thaw (catches a write that is lost, or sent twice)', async () => {
  const freeze = await cluster.freeze({ reason: 'the move', expectedEnd: new Date(Date.now() + 300) })
  const waits: number[] = []
  const patientFetch = retryWhenWritable(fetch, {
    onWait({ response, delayMs }) {
      waits.push(delayMs)
      expect([response.status, isReadOnlyResponse(response)]).toEqual([503, true])
      if (waits.length === 1) void freeze.thaw()
    },
  })
  const answers = await Promise.all([
    patientFetch(url, { method: 'PUT', body: 'by url' }),
    patientFetch(new Request(url, { method: 'PUT', body: 'by request' })),
    patientFetch(url, { method: 'POST', body: 'by key', headers: { 'Idempotency-Key': '7' } }),
  ])
  expect(await Promise.all(answers.map((response) => response.text()))).toEqual(['done', 'done', 'done'])
  expect(received.sort()).toEqual(['POST by key', 'PUT by request', 'PUT by url'])
  // As the server has said: whole seconds.
  expect(new Set(waits)).toEqual(new Set([1000]))
})

test('without an end it waits longer each time, and gives up with the last refusal', async () => {
  await cluster.freeze({ reason: 'the move' })
  const waits: number[] = []
  const patientFetch = retryWhenWritable(fetch, {
    maxWaitMs: 100,
    firstDelayMs: 10,
    maxDelayMs: 40,
    onWait: ({ delayMs }) => waits.push(delayMs),
  })
  const response = await patientFetch(url, { method: 'DELETE' })
  expect(response.status).toBe(403)
  expect(await readOnlyAnswer(response)).toMatchObject({
    code: 'QUIESCE_READ_ONLY',
    status: 403,
    epoch: expect.any(String),
  })
  expect(waits.length).toBeGreaterThanOrEqual(3)
  expect(waits[1]).toBeGreaterThanOrEqual(20)
  expect(Math.max(...waits)).toBeLessThanOrEqual(40)
  expect(received).toEqual([])
})

test.each([
  ['a POST without a key', () => ({ method: 'POST', body: 'x' })],
  ['a PATCH without a key', () => ({ method: 'PATCH', body: 'x' })],
  ['a stream', () => ({ method: 'PUT', body: new Blob(['x']).stream(), duplex: 'half' })],
])('%s is sent once', async (_what, init) => {
  await cluster.freeze({ reason: 'the move' })
  const waits: number[] = []
  const patientFetch = retryWhenWritable(fetch, { firstDelayMs: 1, onWait: ({ delayMs }) => waits.push(delayMs) })
  const response = await patientFetch(url, init() as RequestInit)
  expect([response.status, waits]).toEqual([403, []])
})

test('aborting ends the wait', async () => {
  await cluster.freeze({ reason: 'the move' })
  const controller = new AbortController()
  const patientFetch = retryWhenWritable(fetch, { onWait: () => controller.abort(new Error('enough')) })
  await expect(patientFetch(url, { method: 'PUT', signal: controller.signal })).rejects.toThrow('enough')
  await expect(patientFetch(new Request(url, { method: 'PUT', signal: AbortSignal.timeout(50) }))).rejects.toThrow()
})

test('what another server says is no refusal', async () => {
  const problem = (body: string, status = 503): Response =>
    new Response(body, { status, headers: { 'content-type': 'application/problem+json' } })
  for (const response of [
    problem('{"code":"OTHER"}'),
    problem('not json'),
    problem('null'),
    new Response('x', { status: 503 }),
  ]) {
    const seen = await retryWhenWritable(async () => response)('http://x/')
    expect([seen, await readOnlyAnswer(response), isReadOnlyResponse(response)]).toEqual([response, undefined, false])
  }
  // The header alone is enough, where the body is a page.
  const page = new Response('<html>', { status: 403, headers: { 'quiesce-mode': 'read-only' } })
  expect(await readOnlyAnswer(page)).toEqual({ status: 403 })
})
