import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Alert } from '@quiesce/core'
import { startFaultProxy } from '@quiesce/test-servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { nodeProcesses } from '../support/node-process.ts'

const options = { ...fastOptions, nodeLeaseMs: 1800, freezeLeaseMs: 2500 }

// What is followed here is the same on each database.
describe.skipIf(!databases.includes('postgres'))('the recovery', () => {
  const processes = nodeProcesses()
  let db: TestDatabase
  let hook: Server
  let received: Alert[]
  let refusals: number
  beforeEach(async () => {
    db = await testDatabase('recovery')
    received = []
    refusals = 2
    hook = createServer(async (request, response) => {
      const body = await new Response(request as unknown as ReadableStream).text()
      if (refusals-- > 0) return void response.writeHead(503).end()
      received.push(JSON.parse(body))
      response.writeHead(204).end()
    })
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    await processes.endAll()
    await db.drop()
    hook.close()
  })
  const webhook = (): string => `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`

  test('of a lost holder: noticed, taken over, told to the cluster, resumed; the webhook gets the alert although it fails at first', async () => {
    const holder = processes.spawn({ url: db.url, guard: 'driver', cluster: options })
    const survivor = db.cluster({ ...options, alerts: { webhook: webhook(), headers: { 'x-team': 'ops' } } })
    const steps: string[] = []
    const alerts: Alert[] = []
    survivor.on('recovery', ({ type, to }) => type === 'holder' && steps.push(to))
    survivor.on('alert', (alert) => alerts.push(alert))
    await Promise.all([holder.call('start'), survivor.start()])
    const { id } = await holder.call('freeze', { reason: 'x' })
    await holder.kill()
    await eventually('the writes are back', () => steps.includes('resumed') && survivor.state.mode === 'read-write')
    expect(steps.filter((to) => to !== 'recovered' && to !== 'healthy').slice(-4)).toEqual([
      ...['waiting', 'lost', 'taken-over', 'resumed'],
    ])
    expect(alerts).toContainEqual(
      expect.objectContaining({ severity: 'critical', kind: 'holder-lost', data: { freezeId: id } }),
    )
    await eventually('the webhook has it', () => received.some(({ kind }) => kind === 'holder-lost'))
    expect(received[0]).toMatchObject({ namespace: 'default', application: 'app', nodeId: survivor.state.nodeId })
    expect(refusals).toBeLessThan(0)
  })

  test('of the link to the database: waited for, escalated, the lease lost, recovered by itself', async () => {
    const { hostname, port } = new URL(db.url)
    const proxy = await startFaultProxy({ host: hostname, port: Number(port) })
    const node = db.cluster({ ...options, database: proxy.url(db.url), escalateAfterMs: 300 })
    const steps: string[] = []
    const kinds: string[] = []
    node.on('recovery', ({ type, to }) => type === 'database' && steps.push(to))
    node.on('alert', ({ kind }) => kinds.push(kind))
    try {
      await node.start()
      await proxy.refuse(true)
      proxy.reset()
      await eventually('the node gives its lease up', () => kinds.includes('lease-lost'))
      expect(node.state.mode).toBe('read-only')
      expect(steps.slice(0, 3)).toEqual(['waiting', 'escalated', 'lost'])
      await proxy.refuse(false)
      await eventually('it is back', () => steps.includes('recovered') && node.state.mode === 'read-write')
      expect(kinds.filter((kind) => kind !== 'lease-lost')).toEqual(['database-silent', 'database-back'])
    } finally {
      await node.close()
      await proxy.close()
    }
  })
})
