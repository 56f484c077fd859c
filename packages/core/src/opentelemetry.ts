import { type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api'
import type { Cluster } from './cluster/cluster.ts'
import { observationOf } from './cluster/observation.ts'
import { LIBRARY_VERSION } from './cluster/version.ts'
import type { GaugeOptions } from './observability/gauges.ts'
import { meterCluster } from './observability/opentelemetry-metrics.ts'
import { traceCluster } from './observability/opentelemetry-spans.ts'

export type { GaugeOptions } from './observability/gauges.ts'

/** Where a cluster's metrics and spans go. */
export interface InstrumentOptions extends GaugeOptions {
  /** Default: the global one. */
  readonly meterProvider?: MeterProvider
  /** Default: the global one. */
  readonly tracerProvider?: TracerProvider
}

const SCOPE = '@quiesce/core'

/**
 * Reports a cluster's metrics and spans through `@opentelemetry/api`; returns what ends that.
 *
 * Without an SDK the API does nothing. A write in read-write mode is neither counted nor traced; gauges are looked at when
 * they are collected. Call it before `cluster.start()`, after the SDK was set up.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` when `cluster` did not come from `createCluster()`.
 *
 * @example
 * import { instrumentCluster } from '@quiesce/core/opentelemetry'
 * const stop = instrumentCluster(cluster)
 */
export function instrumentCluster(cluster: Cluster, options: InstrumentOptions = {}): () => void {
  const observation = observationOf(cluster)
  const meter = (options.meterProvider ?? metrics.getMeterProvider()).getMeter(SCOPE, LIBRARY_VERSION)
  const tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer(SCOPE, LIBRARY_VERSION)
  const stopMetrics = meterCluster(cluster, observation, meter, options)
  const stopSpans = traceCluster(cluster, observation.operations, tracer)
  return () => {
    stopMetrics()
    stopSpans()
  }
}
