import { AsyncLocalStorage } from 'node:async_hooks'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { trace } from '@opentelemetry/api'
import type { Cluster } from '@quiesce/core'
import { gateOf } from '@quiesce/core/adapter'
import { reportMetrics } from '@quiesce/core/prometheus'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { calmOptions, playStory, SECRET, type Story } from './story.ts'

let story: Story

beforeAll(async () => {
  story = await playStory()
})
afterAll(() => story?.close())

describe('OpenTelemetry metrics', () => {
  const total = (points: Awaited<ReturnType<Story['metrics']>>, name: string): number =>
    (points.get(name) ?? []).reduce((sum, { value }) => sum + Number(value), 0)

  test('count refusals by table, operation and cause, and nothing of read-write mode', async () => {
    const metrics = await story.metrics()
    const blocked = metrics.get('quiesce.write.blocked {write}') ?? []
    const of = (table: string | undefined, operation: string) =>
      blocked.find(
        ({ attributes }) => attributes['db.collection.name'] === table && attributes['db.operation.name'] === operation,
      )
    expect(of('entry', 'insert')).toEqual({
      value: 3,
      attributes: {
        'quiesce.namespace': 'shop',
        'db.collection.name': 'entry',
        'db.operation.name': 'insert',
        'quiesce.reason': 'freeze',
      },
    })
    expect(of('customer', 'update')?.value).toBe(1)
    expect(of(undefined, 'statement')?.value).toBe(2)
    // 50 writes were admitted before the freeze.
    expect(total(metrics, 'quiesce.write.decision {write}')).toBe(7)
    const decisions = metrics.get('quiesce.write.decision {write}') ?? []
    expect(decisions.find(({ attributes }) => attributes['quiesce.decision'] === 'exempt')).toMatchObject({
      value: 1,
      attributes: { 'db.collection.name': 'audit_log' },
    })
  })

  test('time the freeze, its phases, locks and heartbeats in seconds', async () => {
    const metrics = await story.metrics()
    for (const name of [
      'quiesce.freeze.duration s',
      'quiesce.freeze.propagation.duration s',
      'quiesce.drain.duration s',
      'quiesce.heartbeat.lag s',
    ]) {
      const [point] = metrics.get(name) ?? []
      expect(point, name).toMatchObject({ value: { count: expect.any(Number), sum: expect.any(Number) } })
      const sum = Number(Object(point?.value).sum)
      expect(sum, name).toBeGreaterThan(0)
      expect(sum, name).toBeLessThan(60)
    }
    expect(metrics.get('quiesce.freeze.duration s')?.[0]?.attributes).toMatchObject({ 'quiesce.outcome': 'thawed' })
    const waits = metrics.get('quiesce.lock.wait.duration s') ?? []
    expect(waits.map(({ attributes }) => [attributes['quiesce.lock.name'], attributes['error.type']])).toEqual([
      ['nightly', undefined],
      ['taken', 'QUIESCE_LOCK_HELD'],
    ])
  })

  test('look at mode, nodes, epoch and what is in flight when they are collected', async () => {
    const metrics = await story.metrics()
    const value = (name: string): unknown => metrics.get(name)?.[0]?.value
    expect(value('quiesce.freeze.state 1')).toBe(0)
    expect(value('quiesce.freeze.active {freeze}')).toBe(0)
    expect(value('quiesce.drain.pending {write}')).toBe(0)
    expect(value('quiesce.lock.held {lock}')).toBe(0)
    expect(value('quiesce.node.ack.epoch 1')).toBe(Number(story.node.state.epoch))
    const nodes = metrics.get('quiesce.node.count {node}') ?? []
    expect(nodes.reduce((sum, point) => sum + Number(point.value), 0)).toBe(2)
    expect(nodes.map(({ attributes }) => attributes['quiesce.node.state'])).toEqual(['acked', 'lagging', 'expired'])
  })
})

describe('OpenTelemetry spans', () => {
  const named = (name: string) => story.spans.getFinishedSpans().filter((span) => span.name === name)

  test('of a freeze hang in the caller’s trace, with their phases', () => {
    const [freeze] = named('quiesce.freeze')
    expect(freeze?.spanContext().traceId).toBe(story.rootTraceId)
    expect(freeze?.attributes).toMatchObject({
      'quiesce.namespace': 'shop',
      'quiesce.freeze.reason': 'move',
      'quiesce.freeze.owner': 'ann',
      'quiesce.freeze.guarantee': 'fenced',
      'quiesce.freeze.acks': 2,
    })
    for (const phase of ['quiesce.freeze.announce', 'quiesce.freeze.drain']) {
      expect(named(phase)[0]?.parentSpanContext?.spanId).toBe(freeze?.spanContext().spanId)
    }
    expect(named('quiesce.thaw')[0]?.attributes['quiesce.freeze.id']).toBe(freeze?.attributes['quiesce.freeze.id'])
  })

  test('of the caller get an event for each refused write', () => {
    const events = named('request')[0]?.events ?? []
    expect(events.map(({ name }) => name)).toEqual(Array(6).fill('quiesce.write.blocked'))
    expect(events[0]?.attributes).toMatchObject({ 'db.collection.name': 'entry', 'db.operation.name': 'insert' })
  })

  test('of a lock that is not given are failed with the kind', () => {
    const failed = named('quiesce.lock').find(({ attributes }) => attributes['quiesce.lock.name'] === 'taken')
    expect(failed?.attributes['error.type']).toBe('QUIESCE_LOCK_HELD')
    expect(failed?.status.code).toBe(2)
  })
})

test('a scrape of the registry over HTTP shows the same under Prometheus’ names', async () => {
  const server = createServer(async (_, response) => {
    response.setHeader('content-type', story.register.contentType)
    response.end(await story.register.metrics())
  }).listen(0)
  const { port } = server.address() as AddressInfo
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  server.close()
  const line = (start: string): string | undefined => text.split('\n').find((one) => one.startsWith(start))
  expect(line('quiesce_write_blocked_total{quiesce_namespace="shop",db_collection_name="entry"')).toBe(
    'quiesce_write_blocked_total{quiesce_namespace="shop",db_collection_name="entry",db_operation_name="insert",quiesce_reason="freeze"} 3',
  )
  expect(line('quiesce_freeze_state')).toBe('quiesce_freeze_state{quiesce_namespace="shop"} 0')
  expect(line('quiesce_node_count{quiesce_namespace="shop",quiesce_node_state="expired"}')).toMatch(/ 0$/)
  expect(line('quiesce_freeze_duration_seconds_count')).toMatch(/quiesce_outcome="thawed".* 1$/)
  expect(line('# TYPE quiesce_heartbeat_lag_seconds')).toMatch(/histogram$/)
})

test('a write in flight is told by its table in read-write mode too, and as 0 when it has ended', async () => {
  const register = new Registry()
  const stop = reportMetrics(story.node, { register, nodes: false })
  const line = 'quiesce_write_inflight{quiesce_namespace="shop",db_collection_name="entry"}'
  const write = gateOf(story.node).admit('INSERT INTO entry (id) VALUES (1)')
  expect(await register.metrics()).toContain(`${line} 1`)
  write.end('answered')
  expect(await register.metrics()).toContain(`${line} 0`)
  stop()
})

test('a scrape during the freeze shows it, and every node that acked', () => {
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}{[^}]*} (\\S+)$`, 'm').exec(story.scrapedFrozen)?.[1]
  expect(value('quiesce_freeze_state')).toBe('2')
  expect(value('quiesce_freeze_active')).toBe('1')
  expect(story.scrapedFrozen).toContain('quiesce_node_count{quiesce_namespace="shop",quiesce_node_state="acked"} 2')
})

test('a freeze that somebody else ends is told to its holder, counted as lost, and ends nothing twice', async () => {
  const { db } = story
  const [holder, other] = [
    db.cluster({ ...calmOptions, namespace: 'forced' }),
    db.cluster({ ...calmOptions, namespace: 'forced' }),
  ]
  const register = new Registry()
  const stop = reportMetrics(holder, { register, nodes: false })
  const told: string[] = []
  holder.on('freeze-lost', ({ reason }) => void told.push(`lost ${reason}`))
  holder.on('thawed', ({ why }) => void told.push(why))
  await other.start()
  const freeze = await holder.freeze({ reason: 'mine' })
  await other.thaw(freeze.id, { force: true, reason: 'not now' })
  await eventually('its holder hears', () => told.length > 0)
  await freeze.thaw()
  expect(told).toEqual(['lost mine'])
  const text = await register.metrics()
  expect(text).toContain('quiesce_freeze_lost_total{quiesce_namespace="forced"} 1')
  expect(text).toMatch(/quiesce_freeze_duration_seconds_count{[^}]*quiesce_outcome="lost"[^}]*} 1/)
  stop()
})

test('diagnostics channels carry each event with its cluster', () => {
  const of = (name: string) =>
    story.published.filter(
      ([channel, message]) => channel === `quiesce:${name}` && Object(message).namespace === 'shop',
    )
  expect(of('frozen')).toHaveLength(1)
  expect(of('frozen')[0]?.[1]).toMatchObject({ namespace: 'shop', event: { reason: 'move', acks: 2 } })
  expect(of('refused')).toHaveLength(6)
  const modes = of('mode').map(([, message]) => (message as { event: { mode: string } }).event.mode)
  expect(modes).toContain('draining')
  expect(story.traced).toEqual(['start', 'asyncEnd with object'])
})

test('heartbeats are outside of whatever started the node (catches a trace that never ends)', async () => {
  const request = new AsyncLocalStorage<string>()
  const node = story.db.cluster({ ...calmOptions, namespace: 'elsewhere' })
  const seen: (string | undefined)[] = []
  node.on('heartbeat', () => void seen.push(request.getStore()))
  await request.run('the first request', () => node.start())
  await eventually('it beats by itself', () => seen.length > 1)
  expect(seen[0]).toBe('the first request')
  expect(seen.slice(1)).toEqual(seen.slice(1).map(() => undefined))
})

test('a database that does not answer leaves its gauges out of a scrape', async () => {
  const { node } = story
  const register = new Registry()
  const nodes = (): Promise<never> => Promise.reject(new Error('no database'))
  const broken: Cluster = new Proxy(node, {
    get: (target, key) => {
      if (key === 'nodes') return nodes
      const value = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const stop = reportMetrics(broken, { register })
  const text = await register.metrics()
  expect(text).toContain('quiesce_freeze_state{quiesce_namespace="shop"} 0')
  expect(text).not.toContain('quiesce_node_count{')
  stop()
  expect(await register.metrics()).not.toContain('quiesce_freeze_state{')
})

test('two clusters of a process share a registry', async () => {
  const other = story.db.cluster({ ...calmOptions, namespace: 'billing' })
  const stop = reportMetrics(other, { register: story.register, nodes: false })
  await other.start()
  const text = await story.register.metrics()
  expect(text).toContain('quiesce_freeze_state{quiesce_namespace="shop"} 0')
  expect(text).toContain('quiesce_freeze_state{quiesce_namespace="billing"} 0')
  stop()
  const after = await story.register.metrics()
  expect(after).toContain('quiesce_freeze_state{quiesce_namespace="shop"} 0')
  expect(after).not.toContain('quiesce_freeze_state{quiesce_namespace="billing"}')
})

describe('the log', () => {
  const messages = () => story.lines.map(({ msg }) => msg)

  test('tells the life of a freeze in one structured line each', () => {
    const life = story.lines.filter((line) => 'freezeId' in line && 'reason' in line).map(({ msg }) => msg)
    expect(life).toEqual(['a freeze begins', 'the cluster is read-only'])
    expect(story.lines.find(({ msg }) => msg === 'a freeze was ended')).toMatchObject({
      level: 30,
      why: 'thawed',
      heldMs: expect.any(Number),
    })
    expect(messages()).toContain('a lock was taken')
  })

  test('has one line for the first refusal of a table, and the number of the others at the end', () => {
    const refused = story.lines.filter(({ msg }) => msg === 'a write was refused')
    expect(refused.map(({ table, operation }) => table ?? operation)).toEqual(['entry', 'statement', 'customer'])
    expect(story.lines.find(({ msg }) => String(msg).startsWith('more writes'))).toMatchObject({ leftOut: 3 })
  })
})

test('no value of a statement leaves through any of them (catches texts of statements in events)', async () => {
  const metrics = [...(await story.metrics()).values()]
  const spans = story.spans
    .getFinishedSpans()
    .map(({ name, attributes, events, status }) => ({ name, attributes, events, status }))
  const everything = JSON.stringify([story.lines, metrics, spans, await story.register.metrics(), story.published])
  expect(everything).toContain('audit_log')
  expect(everything).not.toContain(SECRET)
})

// Last: it freezes the story's cluster once more.
test('a run is a span in which its freeze, its lock and its steps happen', async () => {
  const parents: (string | undefined)[] = []
  await story.node.run({
    name: 'move',
    reason: 'watched',
    // A busy machine makes heartbeats late, which is not what this is about.
    force: { reason: 'only watched' },
    steps: [{ name: 'copy', run: () => void parents.push(trace.getActiveSpan()?.spanContext().spanId) }],
  })
  const spans = story.spans.getFinishedSpans()
  const run = spans.find(({ name }) => name === 'quiesce.run')
  expect(run?.attributes).toMatchObject({ 'quiesce.run.name': 'move', 'quiesce.run.reason': 'watched' })
  const children = spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === run?.spanContext().spanId)
  expect(children.map(({ name }) => name)).toEqual(['quiesce.lock', 'quiesce.freeze', 'quiesce.thaw'])
  expect(parents).toEqual([run?.spanContext().spanId])
})
