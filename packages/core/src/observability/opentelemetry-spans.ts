import { type Attributes, context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { Cluster } from '../cluster/cluster.ts'
import type { Freeze } from '../cluster/freeze.ts'
import type { Operation, Operations } from '../cluster/operations.ts'
import { errorType } from './recorder.ts'

/**
 * Makes a span of each operation (`quiesce.freeze`, `quiesce.thaw`, `quiesce.lock`, …), in which its work runs, and an
 * event `quiesce.write.blocked` on the span in which a write was refused; returns what ends that.
 */
export function traceCluster(cluster: Cluster, operations: Operations, tracer: Tracer): () => void {
  const stopSpans = operations.around(async (operation, work) => {
    const startedAt = Date.now()
    const span = tracer.startSpan(`quiesce.${operation.operation}`, {
      kind: SpanKind.INTERNAL,
      attributes: attributesOf(operation),
    })
    const inside = trace.setSpan(context.active(), span)
    try {
      const result = await context.with(inside, work)
      if (isFreeze(operation, result)) context.with(inside, () => describeFreeze(span, tracer, startedAt, result))
      return result
    } catch (error) {
      fail(span, error)
      throw error
    } finally {
      span.end()
    }
  })
  const stopEvents = cluster.on('refused', ({ table, model, operation, because, freezeId }) => {
    trace.getActiveSpan()?.addEvent('quiesce.write.blocked', {
      'db.collection.name': table ?? model,
      'db.operation.name': operation,
      'quiesce.reason': because,
      'quiesce.freeze.id': freezeId,
    })
  })
  return () => {
    stopSpans()
    stopEvents()
  }
}

/** Only what the operation says of itself: names, ids and reasons. */
function attributesOf({ namespace, nodeId, operation, data }: Operation): Attributes {
  const attributes: Attributes = { 'quiesce.namespace': namespace, 'quiesce.node.id': nodeId }
  for (const [key, value] of Object.entries(data)) {
    const name = key === 'freezeId' ? 'quiesce.freeze.id' : `quiesce.${operation}.${key}`
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') attributes[name] = value
  }
  return attributes
}

function isFreeze(operation: Operation, result: unknown): result is Freeze {
  return operation.operation === 'freeze' && typeof result === 'object' && result !== null && 'timings' in result
}

/** The phases are known when they are over, so their spans are made then, with the times that the freeze tells. */
function describeFreeze(span: Span, tracer: Tracer, startedAt: number, freeze: Freeze): void {
  const { seenMs, ackedMs, drainedMs } = freeze.timings
  span.setAttributes({
    'quiesce.freeze.epoch': freeze.epoch,
    'quiesce.freeze.guarantee': freeze.guarantee,
    'quiesce.freeze.acks': freeze.acks.length,
    'quiesce.freeze.lost': freeze.lost.length,
    'quiesce.freeze.unregistered': freeze.unregistered,
  })
  const phase = (name: string, fromMs: number, toMs: number): void =>
    tracer.startSpan(name, { startTime: startedAt + fromMs }).end(startedAt + toMs)
  phase('quiesce.freeze.announce', 0, seenMs)
  phase('quiesce.freeze.drain', seenMs, Math.max(seenMs, ackedMs, drainedMs))
}

function fail(span: Span, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  span.recordException(error instanceof Error ? error : message)
  span.setStatus({ code: SpanStatusCode.ERROR, message })
  span.setAttributes({ ...errorType(error) })
}
