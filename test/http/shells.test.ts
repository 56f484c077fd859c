import type { Cluster, Freeze, ReadOnlyError } from '@quiesce/core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { calmOptions } from './calm-options.ts'
import { comparable, rawRequest } from './raw-request.ts'
import type { Route, RunningShell } from './shell.ts'
import { shells } from './shells/all.ts'
import { describeState } from './state-suite.ts'

let database: TestDatabase
let cluster: Cluster
/** How often a handler ran. */
let handled = 0

const ok = (method: Route['method'], path: string): Route => ({
  method,
  path,
  handle() {
    handled++
    return 'ok'
  },
})
const routes: readonly Route[] = [
  ok('get', '/orders'),
  ok('post', '/orders'),
  ok('put', '/orders'),
  ok('delete', '/orders'),
  ok('post', '/login'),
  ok('get', '/export'),
  { method: 'post', path: '/deep', handle: () => thrown('a mail') },
  { method: 'post', path: '/wrapped', handle: () => Promise.reject(wrapped()) },
  {
    method: 'post',
    path: '/typed',
    handle(setHeader) {
      setHeader('etag', '"1"')
      setHeader('content-encoding', 'gzip')
      setHeader('content-length', '3')
      setHeader('x-request-id', '7')
      return thrown('a mail')
    },
  },
  { method: 'post', path: '/broken', handle: () => Promise.reject(new Error('secret')) },
]

const options = {
  allow: ['/login', '/deep', '/wrapped', '/typed', '/broken'],
  treatAsWrite: ['/export'],
  status: 'auto',
  retryAfterJitter: 0,
} as const

const state = { heartbeatMs: 40 }

/** What a refusal inside a handler throws. */
function thrown(what: string): string {
  cluster.assertWritable(what)
  return 'ok'
}

function wrapped(): Error {
  try {
    thrown('a mail')
  } catch (error) {
    return new Error('could not save', { cause: error })
  }
  return new Error('not refused')
}

const running = new Map<string, RunningShell>()
const portOf = (name: string): number => running.get(name)?.port ?? 0

beforeAll(async () => {
  database = await testDatabase('http_shells')
  cluster = database.cluster(calmOptions)
  await cluster.start()
  for (const shell of shells) running.set(shell.name, await shell.start({ cluster, options, state, routes }))
})
afterAll(async () => {
  for (const shell of running.values()) await shell.close()
  await database?.drop()
})

describe('in read-write mode', () => {
  test.each(shells)('$name lets every request pass', async ({ name }) => {
    for (const { method, path } of routes.slice(0, 7)) {
      const response = await rawRequest(portOf(name), method.toUpperCase(), path)
      expect([response.status, response.body], `${method} ${path}`).toEqual([200, 'ok'])
    }
  })

  test.each(shells)('$name leaves other errors to the framework', async ({ name }) => {
    const response = await rawRequest(portOf(name), 'POST', '/broken')
    expect(response.status).toBe(500)
    expect(response.headers['quiesce-mode']).toBeUndefined()
  })
})

describeState(() => cluster, portOf)

describe('in read-only mode', () => {
  const end = new Date(Date.now() + 600_000)
  let freeze: Freeze

  beforeAll(async () => {
    freeze = await cluster.freeze({ reason: 'the move', expectedEnd: end })
    // One moment for all, so that their answers can be compared.
    vi.useFakeTimers({ toFake: ['Date'], now: end.getTime() - 30_000 })
  })
  afterAll(async () => {
    vi.useRealTimers()
    await freeze?.thaw()
  })

  test.each(shells)(
    '$name refuses writes before the handler runs, and answers reads',
    async ({ name, onlyKnownRoutes }) => {
      const before = handled
      for (const method of ['POST', 'PUT', 'DELETE', ...(onlyKnownRoutes ? [] : ['PATCH'])]) {
        const response = await rawRequest(portOf(name), method, '/orders')
        expect([response.status, response.headers['quiesce-mode']], method).toEqual([503, 'read-only'])
      }
      expect(handled).toBe(before)
      expect((await rawRequest(portOf(name), 'GET', '/orders')).body).toBe('ok')
      expect((await rawRequest(portOf(name), 'HEAD', '/orders')).status).toBe(200)
      expect((await rawRequest(portOf(name), 'OPTIONS', '/orders')).headers['quiesce-mode']).toBeUndefined()
    },
  )

  test.each(shells)(
    '$name lets allowed writes pass, and refuses reads that write',
    async ({ name, onlyKnownRoutes }) => {
      expect((await rawRequest(portOf(name), 'POST', '/login')).body).toBe('ok')
      expect((await rawRequest(portOf(name), 'GET', '/export')).status).toBe(503)
      const override = { 'X-HTTP-Method-Override': 'DELETE' }
      expect((await rawRequest(portOf(name), 'GET', '/orders', override)).status).toBe(503)
      expect((await rawRequest(portOf(name), 'GET', '/orders?_method=delete')).status).toBe(503)
      const trick = await rawRequest(portOf(name), 'POST', '/login/../orders')
      expect(trick.status).toBe(onlyKnownRoutes ? 404 : 503)
    },
  )

  test.each(shells)('$name answers at the door and from within with the same, exact bytes', async ({ name }) => {
    const problem = {
      type: 'urn:problem-type:quiesce:read-only',
      title: 'The service is read-only',
      status: 503,
      detail: `Nothing can be changed at the moment, for maintenance; reading works. Expected until ${end.toISOString()}.`,
      code: 'QUIESCE_READ_ONLY',
      freezeId: freeze.id,
      epoch: expect.stringMatching(/^\d+$/),
      since: cluster.state.freezes[0]?.since.toISOString(),
      expectedEnd: end.toISOString(),
      retryAfter: 30,
    }
    const reference = await rawRequest(portOf(shells[0]?.name ?? ''), 'POST', '/orders')
    expect(JSON.parse(reference.body)).toEqual(problem)
    for (const path of ['/orders', '/deep', '/wrapped']) {
      const response = await rawRequest(portOf(name), 'POST', path)
      expect(comparable(response), path).toEqual({
        status: 503,
        headers: [
          ['content-type', 'application/problem+json'],
          ['cache-control', 'no-store'],
          ['quiesce-mode', 'read-only'],
          ['retry-after', '30'],
        ],
        body: reference.body,
      })
    }
  })

  test.each(shells)('$name keeps headers of the response, but none of the body that was not sent', async (shell) => {
    const { status, headers, body } = await rawRequest(portOf(shell.name), 'POST', '/typed')
    expect([status, headers['etag'], headers['content-encoding']]).toEqual([503, undefined, undefined])
    expect(headers['x-request-id']).toBe(shell.losesHeaders ? undefined : '7')
    expect(JSON.parse(body).freezeId).toBe(freeze.id)
  })

  test.each(shells)('$name sends browsers a page', async ({ name }) => {
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
    const response = await rawRequest(portOf(name), 'POST', '/orders', { accept })
    expect(response.status).toBe(503)
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(response.body).toMatch(/^<!doctype html>.*The service is read-only/)
    expect(response.body).not.toContain('the move')
  })

  test.each(shells)('$name leaves other errors to the framework', async ({ name }) => {
    const response = await rawRequest(portOf(name), 'POST', '/broken')
    expect([response.status, response.headers['quiesce-mode']]).toEqual([500, undefined])
  })

  test('a refusal at the door is counted as one', async () => {
    const refused: ReadOnlyError[] = []
    const stop = cluster.on('refused', (error) => refused.push(error))
    await rawRequest(portOf(shells[0]?.name ?? ''), 'POST', '/orders')
    stop()
    expect(refused.map(({ operation }) => operation)).toEqual(['POST request'])
  })
})
