import { createServer, type Server, type ServerResponse } from 'node:http'
import {
  connect,
  createServer as createHttp2Server,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
} from 'node:http2'
import { connect as connectSocket, type Socket } from 'node:net'
import type { Cluster, Logger } from '@quiesce/core'
import type { HttpOptions } from '@quiesce/http'
import { readOnlyHttp as expressHttp, readOnlyState as expressState } from '@quiesce/http/express'
import { readOnlyHttp, readOnlyUpgrade } from '@quiesce/http/node'
import express from 'express'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { calmOptions } from './calm-options.ts'
import { openStream } from './event-stream.ts'
import { rawRequest } from './raw-request.ts'
import { listening, type RunningShell } from './shell.ts'

let database: TestDatabase
let cluster: Cluster
const servers: RunningShell[] = []

beforeAll(async () => {
  database = await testDatabase('http_door')
  cluster = database.cluster({ ...calmOptions, exempt: { session: { insert: true } } })
  await cluster.start()
})
afterEach(async () => {
  for (const { id } of cluster.state.freezes) await cluster.thaw(id, { force: true, reason: 'the test is over' })
  for (const server of servers.splice(0)) await server.close()
})
afterAll(() => database?.drop())

/** Serves `ok` behind the door; gives the port. */
async function serve(options: HttpOptions = {}, prepare: (server: Server) => void = () => {}): Promise<number> {
  const server = createServer(
    readOnlyHttp(cluster, (_request, response: ServerResponse) => response.end('ok'), options),
  )
  prepare(server)
  const running = await listening(server)
  servers.push(running)
  return running.port
}

/** Sends bytes as they are, and gives all that comes back until `until` is seen. */
function exchange(port: number, text: string, until: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = ''
    const socket: Socket = connectSocket(port, '127.0.0.1', () => socket.write(text))
    const done = (): void => {
      socket.destroy()
      resolve(got)
    }
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      got += chunk
      if (until.test(got)) done()
    })
    socket.on('end', done)
    socket.on('error', reject)
  })
}

describe('what comes over the wire', () => {
  test('an upload that is refused leaves its connection in order for the next request', async () => {
    const port = await serve()
    await cluster.freeze({ reason: 'x' })
    const body = 'x'.repeat(200_000)
    const upload = `POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const got = await exchange(port, `${upload}GET /orders HTTP/1.1\r\nHost: x\r\n\r\n`, /ok$/)
    expect(got.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 403', 'HTTP/1.1 200'])
  })

  test.each([
    ['a method that nobody knows', 'BREW /orders HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 400'],
    ['a method in lower case', 'post /orders HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 400'],
    ['an absolute target', 'POST http://x/orders HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 403'],
    ['no path', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 200'],
    ['two requests at once', 'GET / HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 403'],
    [
      'two headers that override',
      'GET / HTTP/1.1\r\nHost: x\r\nX-HTTP-Method-Override: GET\r\nX-HTTP-Method-Override: PUT\r\n\r\n',
      'HTTP/1.1 403',
    ],
  ])('%s never reaches a handler as a write', async (_what, text, expected) => {
    const port = await serve()
    await cluster.freeze({ reason: 'x' })
    const got = await exchange(port, text, new RegExp(`${expected.replaceAll('/', '\\/')}[^]*(ok|}|\\r\\n\\r\\n)$`))
    expect(got).toContain(expected)
  })

  test('CONNECT is left to the server, which ends it', async () => {
    const port = await serve()
    await cluster.freeze({ reason: 'x' })
    expect(await exchange(port, 'CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n', /./)).toBe('')
  })

  test('a HEAD that is refused has no body', async () => {
    const port = await serve({ treatAsWrite: ['/export'] })
    await cluster.freeze({ reason: 'x' })
    const { status, headers, body } = await rawRequest(port, 'HEAD', '/export')
    expect([status, headers['quiesce-mode'], body]).toEqual([403, 'read-only', ''])
  })

  test('HTTP/2 is judged by its pseudo-headers, and answered with the same', async () => {
    const server = createHttp2Server(
      readOnlyHttp(cluster, (_request, response: Http2ServerResponse) => response.end('ok'), {
        allow: ['/login'],
      }),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const client = connect(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
    const send = (method: string, path: string): Promise<{ headers: IncomingHttpHeaders; body: string }> =>
      new Promise((resolve, reject) => {
        const stream = client.request({ ':method': method, ':path': path })
        let headers: IncomingHttpHeaders = {}
        let body = ''
        stream.on('response', (got) => {
          headers = got
        })
        stream.on('data', (chunk) => {
          body += chunk
        })
        stream.on('end', () => resolve({ headers, body }))
        stream.on('error', reject)
        stream.end()
      })
    const freeze = await cluster.freeze({ reason: 'x' })
    const refused = await send('POST', '/orders')
    expect(refused.headers).toMatchObject({ ':status': 403, 'content-type': 'application/problem+json' })
    expect(JSON.parse(refused.body).freezeId).toBe(freeze.id)
    expect((await send('BREW', '/orders')).headers[':status']).toBe(403)
    expect((await send('GET', '/orders')).body).toBe('ok')
    expect((await send('POST', '/login')).body).toBe('ok')
    client.close()
    server.close()
  })

  test('upgrades are refused before the socket is handed over, and only while read-only', async () => {
    const upgraded: string[] = []
    const refused = readOnlyUpgrade(cluster)
    const port = await serve({}, (server) =>
      server.on('upgrade', (request, socket) => {
        if (refused(request, socket)) return
        upgraded.push(String(request.url))
        socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
      }),
    )
    const upgrade = 'GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
    expect(await exchange(port, upgrade, /\r\n\r\n$/)).toContain('HTTP/1.1 101')
    const freeze = await cluster.freeze({ reason: 'x' })
    const [head = '', body = ''] = (await exchange(port, upgrade, /\}$/)).split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 403 .*\r\ncontent-type: application\/problem\+json\r\n/)
    expect(JSON.parse(body).freezeId).toBe(freeze.id)
    expect(upgraded).toEqual(['/socket'])
  })

  test('below a mounted router the whole path counts', async () => {
    const app = express()
    const router = express.Router()
    router.use(expressHttp(cluster, { allow: ['/api/login'] }))
    router.post('/login', (_request, response) => response.send('ok'))
    app.use('/api', router)
    const running = await listening(createServer(app))
    servers.push(running)
    await cluster.freeze({ reason: 'x' })
    expect((await rawRequest(running.port, 'POST', '/api/login')).body).toBe('ok')
    expect((await rawRequest(running.port, 'POST', '/api/orders')).status).toBe(403)
  })
})

describe('the rules', () => {
  test('a route that says what it writes passes while every freeze exempts that', async () => {
    const port = await serve({
      allow: [
        { path: '/login', writes: { session: { insert: true } } },
        { path: '/note', writes: { note: ['text'] } },
      ],
    })
    const statuses = async () =>
      Promise.all(['/login', '/note'].map(async (path) => (await rawRequest(port, 'POST', path)).status))
    await cluster.freeze({ reason: 'exempts notes', exempt: { note: { update: true } } })
    expect(await statuses()).toEqual([200, 200])
    await cluster.freeze({ reason: 'exempts nothing more' })
    expect(await statuses()).toEqual([200, 403])
  })

  test('reportOnly refuses nothing and says what it would refuse, without the query', async () => {
    const lines: unknown[] = []
    const note = (about: object, message: string): void => void lines.push([message, about])
    const logger: Logger = { debug: note, info: note, warn: note, error: note }
    const port = await serve({ reportOnly: true, logger, treatAsWrite: ['/export'] })
    const counted: unknown[] = []
    const stop = cluster.on('refused', (error) => counted.push(error))
    await cluster.freeze({ reason: 'x' })
    expect((await rawRequest(port, 'POST', '/orders?token=secret')).body).toBe('ok')
    expect((await rawRequest(port, 'GET', '/export')).body).toBe('ok')
    expect((await rawRequest(port, 'GET', '/orders')).body).toBe('ok')
    stop()
    expect(lines).toEqual([
      [
        'would refuse this request',
        {
          mode: 'read-only',
          operation: 'POST request',
          method: 'POST',
          overrides: [],
          path: '/orders',
          because: 'method',
        },
      ],
      [
        'would refuse this request',
        { mode: 'read-only', operation: 'GET request', method: 'GET', overrides: [], path: '/export', because: 'rule' },
      ],
    ])
    expect(counted).toEqual([])
  })
})

describe('a node that cannot vouch for the mode', () => {
  test('refuses writes, stays alive, and is ready or not as the option says', async () => {
    const other = database.cluster({ nodeLeaseMs: 2000, freezeLeaseMs: 5000 })
    await other.start()
    const app = express()
    app.use(expressHttp(other, { status: 'auto' }))
    app.use('/default', expressState(other))
    app.use('/strict', expressState(other, { readyWithoutLease: 503 }))
    app.post('/orders', (_request, response) => response.send('ok'))
    const running = await listening(createServer(app))
    servers.push(running)
    const ask = async (method: string, path: string): Promise<number> =>
      (await rawRequest(running.port, method, path)).status
    const all = async () => [
      await ask('POST', '/orders'),
      await ask('GET', '/strict/quiesce/health/live'),
      await ask('GET', '/default/quiesce/health/ready'),
      await ask('GET', '/strict/quiesce/health/ready'),
    ]
    // A busy machine may lose the lease for a moment.
    const answers = (wanted: readonly number[]) =>
      eventually(`the answers ${wanted}`, async () => String(await all()) === String(wanted))
    await answers([200, 200, 200, 200])
    const freeze = await other.freeze({ reason: 'x', kind: 'operator', owner: 'me' })
    await answers([403, 200, 200, 200])
    await freeze.thaw()
    await database.query('ALTER TABLE quiesce.quiesce_node RENAME TO gone')
    await eventually('losing the lease', () => other.state.health === 'lease-lost')
    await answers([503, 200, 200, 503])
    await database.query('ALTER TABLE quiesce.gone RENAME TO quiesce_node')
    await eventually('coming back', () => other.state.mode === 'read-write')
    await answers([200, 200, 200, 200])
  })
})

test('a node that lost the state says so', async () => {
  const other = database.cluster(calmOptions)
  await other.start()
  await (await other.freeze({ reason: 'so that the epoch is not the first' })).thaw()
  const seen: string[] = []
  const { epoch } = await database.state()
  other.on('state-lost', () => seen.push(other.state.health))
  await database.query('UPDATE quiesce.quiesce_cluster SET epoch = 1')
  await eventually('losing the state', () => seen.length > 0)
  expect(seen).toEqual(['state-lost'])
  // The state is given up only after a freeze's lease: put it back.
  await database.query(`UPDATE quiesce.quiesce_cluster SET epoch = ${epoch}`)
  await eventually('coming back', () => other.state.health === 'ok' && other.state.mode === 'read-write')
})

describe('streams', () => {
  test('end when the cluster is closed, so that the server can be (catches a shutdown that hangs)', async () => {
    const other = database.cluster(calmOptions)
    await other.start()
    const app = express().use(expressState(other, { maxStreams: 2 }))
    const server = createServer(app)
    const { port } = await listening(server)
    const streams = [await openStream(port), await openStream(port)]
    expect((await rawRequest(port, 'GET', '/quiesce/state/stream')).status).toBe(503)
    const closed = new Promise((resolve) => server.close(resolve))
    await other.close()
    await closed
    for (const stream of streams) {
      expect(stream.events.at(-1)?.data).toMatchObject({ mode: 'closed', writable: false, health: 'closed' })
      expect(stream.isEnded).toBe(true)
    }
  })

  test('end by a signal, and make room when a client goes', async () => {
    const controller = new AbortController()
    const app = express().use(expressState(cluster, { maxStreams: 1, signal: controller.signal }))
    const running = await listening(createServer(app))
    servers.push(running)
    const first = await openStream(running.port)
    first.close()
    await eventually('room for another', async () => {
      const next = await openStream(running.port)
      if (next.response.statusCode !== 200) return false
      controller.abort()
      await next.until(() => next.isEnded)
      return true
    })
  })

  test('a client that does not read is sent away instead of being buffered for', async () => {
    const message = 'x'.repeat(3_000_000)
    const app = express().use(expressState(cluster, { maxStreams: 1, message }))
    const running = await listening(createServer(app))
    servers.push(running)
    const stuck = await openStream(running.port)
    stuck.response.pause()
    // Each change is about what the network takes in.
    await eventually('room for another', async () => {
      await (await cluster.freeze({ reason: 'x' })).thaw()
      const next = await openStream(running.port)
      next.close()
      return next.response.statusCode === 200
    })
    stuck.close()
  })
})
