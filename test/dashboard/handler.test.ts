import { createServer } from 'node:http'
import { type Cluster, isQuiesceError } from '@quiesce/core'
import { type ClientAddress, createDashboard } from '@quiesce/dashboard'
import { dashboardListener } from '@quiesce/dashboard/node'
import express from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CliDatabase, cliDatabase } from '../cli/support/cli-database.ts'
import { calmOptions } from '../http/calm-options.ts'
import { listening } from '../http/shell.ts'
import { eventually } from '../support/eventually.ts'
import { dashboardShells } from './shells.ts'

let database: CliDatabase
let cluster: Cluster

beforeAll(async () => {
  database = await cliDatabase('dashboard_handler')
  cluster = database.cluster(calmOptions)
  await cluster.start()
})
afterAll(() => database?.drop())

const page = 'http://localhost/quiesce/ui'
const here = { address: '127.0.0.1' }
const auth = ({ headers }: Request) => {
  const name = headers.get('x-user')
  return name === null ? undefined : { name, canAct: name !== 'guest' }
}

describe('without auth', () => {
  const statusOf = async (url: string, client?: ClientAddress, headers = {}): Promise<number> =>
    (await createDashboard(cluster)(new Request(url, { headers }), client)).status

  test('it serves this machine', async () => {
    expect(await statusOf(page, here)).toBe(200)
    expect(await statusOf('http://[::1]/quiesce/ui', { address: '::ffff:127.0.0.1' })).toBe(200)
  })

  test('it refuses everybody else, and whoever could be (catches trust in the Host header)', async () => {
    expect(await statusOf(page)).toBe(403)
    expect(await statusOf(page, { address: '10.0.0.7' })).toBe(403)
    expect(await statusOf('http://rebound.example/quiesce/ui', here)).toBe(403)
    expect(await statusOf('http://127.0.0.1.example/quiesce/ui', here)).toBe(403)
    expect(await statusOf(page, here, { 'x-forwarded-for': '10.0.0.7' })).toBe(403)
    expect(await statusOf(`${page}/stream`, { address: '10.0.0.7' })).toBe(403)
    const answer = await createDashboard(cluster)(new Request(page), { address: '10.0.0.7' })
    expect(await answer.text()).toContain('Give createDashboard() an `auth` function')
  })

  test('nobody can be given actions, and all that is wrong is told at once', () => {
    try {
      createDashboard(cluster, { actions: true, basePath: 'ui', refreshMs: 1 })
      expect.unreachable()
    } catch (error) {
      expect(isQuiesceError(error) && error.data['problems']).toMatchObject([
        { path: 'basePath' },
        { path: 'refreshMs' },
        { path: 'actions' },
      ])
    }
  })
})

describe('actions', () => {
  const headers = { 'x-user': 'ada', 'content-type': 'application/json' }
  const freezing = { action: 'freeze', reason: 'the move' }
  const dashboards = () => createDashboard(cluster, { auth, actions: true })
  const post = (body: object, more: Record<string, string> = {}) =>
    new Request(`${page}/actions`, { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) })
  const tokenOf = async (dashboard: ReturnType<typeof dashboards>, user: string): Promise<string> => {
    const text = await (await dashboard(new Request(page, { headers: { 'x-user': user } }))).text()
    return /data-csrf="([\w-]+)"/.exec(text)?.[1] ?? ''
  }

  test('need a page of the same viewer, from the same origin (catches a forged request)', async () => {
    const dashboard = dashboards()
    const own = await tokenOf(dashboard, 'ada')
    const other = await tokenOf(dashboard, 'eve')
    const forged = [
      post(freezing),
      post(freezing, { 'quiesce-csrf': other }),
      post(freezing, { 'quiesce-csrf': `${own}x` }),
      post(freezing, { 'quiesce-csrf': own, 'sec-fetch-site': 'cross-site' }),
      post(freezing, { 'quiesce-csrf': own, 'sec-fetch-site': 'same-site' }),
    ]
    for (const request of forged) expect((await dashboard(request)).status).toBe(403)
    expect((await cluster.status()).mode).toBe('read-write')
  })

  test('are for those who may; the page has no button for the others', async () => {
    const dashboard = dashboards()
    expect(await tokenOf(dashboard, 'guest')).toBe('')
    const text = await (await dashboard(new Request(page, { headers: { 'x-user': 'guest' } }))).text()
    expect(text).not.toContain('<button')
    const token = await tokenOf(dashboard, 'ada')
    expect((await dashboard(post(freezing, { 'x-user': 'guest', 'quiesce-csrf': token }))).status).toBe(403)
    const showing = createDashboard(cluster, { auth })
    expect((await showing(post(freezing, { 'quiesce-csrf': token }))).status).toBe(403)
    expect((await dashboard(new Request(page))).status).toBe(401)
  })

  test('need a reason, and change nothing without one', async () => {
    const dashboard = dashboards()
    const token = { 'quiesce-csrf': await tokenOf(dashboard, 'ada') }
    for (const body of [{ action: 'freeze' }, { ...freezing, reason: ' ' }, { action: 'shutdown', reason: 'x' }]) {
      expect((await dashboard(post(body, token))).status, JSON.stringify(body)).toBe(400)
    }
    expect((await cluster.status()).freezes).toEqual([])
  })

  test('on what is another’s are recorded as forced, with who did it; a run is told to stop', async () => {
    const dashboard = dashboards()
    const token = { 'quiesce-csrf': await tokenOf(dashboard, 'ada') }
    const freeze = await cluster.freeze({ kind: 'operator', owner: 'bob', reason: 'forgotten' })
    expect((await dashboard(post({ action: 'thaw', id: freeze.id, reason: 'it is late' }, token))).status).toBe(200)
    const [thawed] = await cluster.history(1)
    expect(thawed).toMatchObject({ type: 'thawed', detail: { why: 'forced', note: 'ada: it is late' } })
    const stopping = cluster.run({
      name: 'long',
      reason: 'test',
      force: { reason: 'late nodes of a test' },
      steps: [
        {
          name: 'wait',
          run: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
        },
      ],
    })
    stopping.catch(() => {})
    await eventually('it runs', async () => (await cluster.runs(1))[0]?.phase === 'steps')
    const [run] = await cluster.runs(1)
    await dashboard(post({ action: 'cancel-run', id: run?.id, reason: 'too long' }, token))
    await expect(stopping).rejects.toMatchObject({ kind: 'QUIESCE_RUN_CANCELLED' })
    expect((await cluster.runs(1))[0]).toMatchObject({ cancel: { reason: 'too long (ada)' } })
  })
})

test('what others wrote is shown as text (catches a reason that is a script), and the policy lets only ours run', async () => {
  const dashboard = createDashboard(cluster)
  const evil = '</script><img src=x onerror=alert(1)>"\''
  const freeze = await cluster.freeze({ kind: 'operator', owner: evil, reason: evil })
  const [first, second] = [await dashboard(new Request(page), here), await dashboard(new Request(page), here)]
  const text = await first.text()
  expect(text).not.toContain('<img')
  expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;')
  const policy = first.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  expect(policy).not.toBe(second.headers.get('content-security-policy'))
  await freeze.thaw()
})

test('the stream sends what changed, and ends with the signal; pages beyond the limit are sent away', async () => {
  const ending = new AbortController()
  const dashboard = createDashboard(cluster, { maxStreams: 1, refreshMs: 100, signal: ending.signal })
  const open = () => dashboard(new Request(`${page}/stream`), here)
  const stream = await open()
  expect((await open()).status).toBe(503)
  let text = ''
  const reading = (async () => {
    for await (const part of stream.body ?? []) text += new TextDecoder().decode(part)
  })()
  await eventually('the first view', () => text.includes('event: view'))
  const events = () => text.split('\n').filter((line) => line.startsWith('data: '))
  expect(Object.keys(JSON.parse(events()[0]?.slice(6) ?? '').sections)).toHaveLength(8)
  const lock = await cluster.lock('report')
  await eventually('the lock', () => events().at(-1)?.includes('report') === true)
  expect(Object.keys(JSON.parse(events().at(-1)?.slice(6) ?? '').sections)).not.toContain('timeline')
  await lock.release()
  ending.abort()
  await reading
  expect((await open()).status).toBe(200)
})

describe('is served from', () => {
  test.each(dashboardShells)('$name', async ({ start, hasOther = false }) => {
    const server = await start(createDashboard(cluster, { auth, actions: true }))
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(`http://127.0.0.1:${server.port}${path}`, {
        ...init,
        headers: { 'x-user': 'ada', 'content-type': 'application/json', ...init.headers },
      })
    const answer = await ask('/quiesce/ui')
    expect(answer.status).toBe(200)
    const text = await answer.text()
    expect(text).toContain('data-home="ui/"')
    const token = /data-csrf="([\w-]+)"/.exec(text)?.[1] ?? ''
    const refused = await ask('/quiesce/ui/actions', {
      method: 'POST',
      headers: { 'quiesce-csrf': token },
      body: JSON.stringify({ action: 'freeze', reason: '' }),
    })
    expect([refused.status, await refused.text()]).toEqual([400, 'reason: say why. Nothing was changed.\n'])
    const stream = await ask('/quiesce/ui/stream')
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    await stream.body?.cancel()
    if (hasOther) expect(await (await ask('/other')).text()).toBe('application')
    await server.close()
  })
})

test('what others are sent reaches them whole (catches a body that the dashboard has read)', async () => {
  const app = express().use(dashboardListener(createDashboard(cluster)), express.json())
  const server = await listening(createServer(app.post('/orders', ({ body }, answer) => void answer.json(body))))
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"id":1}' }
  const answer = await fetch(`http://127.0.0.1:${server.port}/orders`, init)
  expect(await answer.json()).toEqual({ id: 1 })
  await server.close()
})

describe('quiesce ui', () => {
  test('lets in one browser, once, by the address that it prints', async () => {
    const command = database.quiesce.start('ui', '--json', '--actions')
    await eventually('it listens', () => command.stdout().includes('\n'))
    const { url } = JSON.parse(command.stdout())
    const { origin } = new URL(url)
    expect((await fetch(origin)).status).toBe(401)
    const entered = await fetch(url, { redirect: 'manual' })
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/'])
    const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(401)
    const shown = await fetch(origin, { headers: { cookie } })
    expect(shown.status).toBe(200)
    expect(await shown.text()).toContain('Freeze the cluster')
    expect((await fetch(`${origin}/stream`, { headers: { cookie: `${cookie}x` } })).status).toBe(401)
    command.signal('SIGINT')
    expect((await command.ended).exitCode).toBe(0)
  })
})
