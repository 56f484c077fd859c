import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Cluster } from '@quiesce/core'
import { gateOf } from '@quiesce/core/adapter'
import { instrumentCluster } from '@quiesce/core/opentelemetry'
import { reportMetrics } from '@quiesce/core/prometheus'
import pino from 'pino'
import { Registry } from 'prom-client'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'

/** Stands in every statement of the story where an application has its customers' data. */
export const SECRET = 'hunter2-4711'

/** Leases that no busy machine outlasts: nobody dies in the story. */
export const calmOptions = { nodeLeaseMs: 10_000, freezeLeaseMs: 20_000, statementTimeoutMs: 5000 } as const

/** A metric's data points as the SDK gives them out. */
export interface Point {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly value: unknown
}

/** A freeze on a real database, watched through everything that watches. */
export interface Story {
  readonly db: TestDatabase
  readonly node: Cluster
  readonly spans: InMemorySpanExporter
  readonly lines: readonly Record<string, unknown>[]
  readonly published: ReadonlyArray<readonly [channel: string, message: unknown, inspected: string]>
  readonly traced: readonly string[]
  readonly register: Registry
  readonly rootTraceId: string
  /** The registry as it was scraped while the cluster was frozen. */
  readonly scrapedFrozen: string
  metrics(): Promise<ReadonlyMap<string, readonly Point[]>>
  close(): Promise<void>
}

/** Plays it: writes in read-write mode, a lock, a freeze with refused and exempt writes, a thaw, a lock that is not given. */
export async function playStory(): Promise<Story> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const db = await testDatabase('observability')
  const spans = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const register = new Registry()
  const lines: Record<string, unknown>[] = []
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(JSON.parse(line)) })

  const published: [string, unknown, string][] = []
  const listen = (message: unknown, name: string | symbol): void =>
    void published.push([String(name), message, inspect(message, { depth: 5 })])
  const channels = ['mode', 'refused', 'frozen', 'thawed', 'acked'].map((name) => `quiesce:${name}`)
  for (const name of channels) subscribe(name, listen)
  const traced: string[] = []
  const freezes = tracingChannel<unknown, { namespace: string; result?: unknown }>('quiesce:freeze')
  const trace = (phase: string, namespace: string): void => {
    if (namespace === 'shop') traced.push(phase)
  }
  const phases = {
    start: ({ namespace }: { namespace: string }) => trace('start', namespace),
    end: () => {},
    asyncStart: () => {},
    asyncEnd: ({ namespace, result }: { namespace: string; result?: unknown }) =>
      trace(`asyncEnd with ${typeof result}`, namespace),
    error: ({ namespace }: { namespace: string }) => trace('error', namespace),
  }
  freezes.subscribe(phases)

  const node = db.cluster({ ...calmOptions, namespace: 'shop', exempt: { audit_log: true }, logger })
  const other = db.cluster({ ...calmOptions, namespace: 'shop' })
  const stops = [instrumentCluster(node, { meterProvider, tracerProvider }), reportMetrics(node, { register })]
  await Promise.all([node.start(), other.start()])

  const gate = gateOf(node)
  const write = (table: string): string => `INSERT INTO ${table} VALUES ('${SECRET}')`
  const attempt = (sql: string): void => {
    try {
      gate.admit(sql).end('answered')
    } catch {}
  }
  for (let i = 0; i < 50; i += 1) attempt(write('entry'))
  await node.withLock('nightly', () => {})

  const tracer = tracerProvider.getTracer('application')
  let rootTraceId = ''
  let scrapedFrozen = ''
  await tracer.startActiveSpan('job', async (job) => {
    rootTraceId = job.spanContext().traceId
    const freeze = await node.freeze({ reason: 'move', owner: 'ann' })
    tracer.startActiveSpan('request', (request) => {
      for (let i = 0; i < 3; i += 1) attempt(write('entry'))
      attempt(`DO $$ BEGIN PERFORM '${SECRET}'; END $$`)
      attempt(`FROBNICATE '${SECRET}'`)
      attempt(`UPDATE customer SET name = '${SECRET}' WHERE id = 1`)
      attempt(write('audit_log'))
      request.end()
    })
    await eventually('both acked', async () =>
      (await node.nodes()).every(({ ackedEpoch }) => BigInt(ackedEpoch) >= BigInt(freeze.epoch)),
    )
    scrapedFrozen = await register.metrics()
    await freeze.thaw()
    job.end()
  })
  await eventually('writes are back', () => node.state.mode === 'read-write')
  const lock = await other.lock('taken')
  await node.lock('taken', { retries: 0 }).catch(() => {})
  await lock.release()

  return {
    db,
    node,
    spans,
    lines,
    published,
    traced,
    register,
    rootTraceId,
    scrapedFrozen,
    async metrics() {
      exporter.reset()
      await reader.forceFlush()
      const [batch] = exporter.getMetrics()
      const all = batch?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? []
      return new Map(
        all.map(({ descriptor, dataPoints }) => [
          `${descriptor.name} ${descriptor.unit}`,
          dataPoints.map(({ attributes, value }) => ({ attributes, value })),
        ]),
      )
    },
    async close() {
      for (const stop of stops) stop()
      for (const name of channels) unsubscribe(name, listen)
      freezes.unsubscribe(phases)
      await meterProvider.shutdown()
      await tracerProvider.shutdown()
      context.disable()
      await db.drop()
    },
  }
}
