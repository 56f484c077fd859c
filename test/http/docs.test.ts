import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createAdaptorServer } from '@hono/node-server'
import type { Cluster } from '@quiesce/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { calmOptions } from './calm-options.ts'
import { rawRequest } from './raw-request.ts'
import { listening, type RunningShell } from './shell.ts'

const document = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8')
const home = fileURLToPath(new URL('./generated/', import.meta.url))
const snippets = [...document.matchAll(/<!-- file: (\S+) -->\n```ts\n([\s\S]*?)```/g)].map(
  ([, file = '', text = '']) => [file, text] as const,
)

/** Those of frameworks whose servers the suites start: here they only have to run. */
const parts = [...document.matchAll(/<!-- part: (\S+) -->\n```ts\n([\s\S]*?)```/g)].map(
  ([, file = '', text = '']) => [file, text] as const,
)

/** How the `app` of each snippet is served. */
const serverOf: Readonly<Record<string, (app: never) => Server | Promise<Server>>> = {
  'express.ts': (app: RequestListener) => createServer(app),
  'fastify.ts': async (app: { ready(): Promise<unknown>; routing: RequestListener }) => {
    await app.ready()
    return createServer(app.routing)
  },
  'koa.ts': (app: { callback(): RequestListener }) => createServer(app.callback()),
  'hono.ts': (app: Parameters<typeof createAdaptorServer>[0]) => createAdaptorServer(app) as Server,
  'web.ts': (app: Parameters<typeof createAdaptorServer>[0]) => createAdaptorServer(app) as Server,
  'node.ts': (app: Server) => app,
}

let database: TestDatabase
let cluster: Cluster
const servers: RunningShell[] = []

beforeAll(async () => {
  database = await testDatabase('http_docs')
  cluster = database.cluster(calmOptions)
  await cluster.start()
  Reflect.set(globalThis, 'clusterOfDocs', cluster)
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home)
  const application = `import type { Cluster } from '@quiesce/core'
export const cluster: Cluster = Reflect.get(globalThis, 'clusterOfDocs')
export async function createOrder() { cluster.assertWritable('an order'); return { id: 1 } }\n`
  for (const [file, text] of [['application.ts', application], ...snippets, ...parts])
    writeFileSync(`${home}/${file}`, text ?? '')
})
afterAll(async () => {
  for (const server of servers) await server.close()
  rmSync(home, { recursive: true, force: true })
  await database?.drop()
})

test('the snippets run: each refuses while read-only, tells the state, and answers otherwise', async () => {
  expect(snippets.map(([file]) => file)).toEqual([...Object.keys(serverOf), 'client.ts'])
  const ports: number[] = []
  for (const [file, serve] of Object.entries(serverOf)) {
    const { app } = await import(/* @vite-ignore */ `${home}/${file}`)
    const running = await listening(await serve(app as never))
    servers.push(running)
    ports.push(running.port)
  }
  const statuses = () => Promise.all(ports.map(async (port) => (await rawRequest(port, 'POST', '/orders')).status))
  const modes = () =>
    Promise.all(ports.map(async (port) => JSON.parse((await rawRequest(port, 'GET', '/quiesce/state')).body).mode))
  expect(await statuses()).toEqual(ports.map(() => 200))
  const freeze = await cluster.freeze({ reason: 'the move' })
  expect(await statuses()).toEqual(ports.map(() => 403))
  expect(await modes()).toEqual(ports.map(() => 'read-only'))
  const { rename } = await import(/* @vite-ignore */ `${home}/client.ts`)
  const renamed: Promise<string> = rename(`http://127.0.0.1:${ports.at(-1)}/orders`, 'x')
  await freeze.thaw()
  expect(await renamed).toBe('{"id":1}')
  await eventually('writes', async () => (await statuses()).every((status) => status === 200))
  expect(await modes()).toEqual(ports.map(() => 'read-write'))
})

test.each(parts)('the snippet %s runs', async (file) => {
  const made = await import(/* @vite-ignore */ `${home}/${file}`)
  expect(Object.keys(made).length).toBeGreaterThan(0)
})
