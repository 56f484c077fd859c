import type { Registry } from 'prom-client'
import type { Cluster } from './cluster/cluster.ts'
import { observationOf } from './cluster/observation.ts'
import { createGauges, type GaugeOptions } from './observability/gauges.ts'
import { COUNTERS, HISTOGRAMS, namesOf } from './observability/metrics.ts'
import { addCollector } from './observability/prometheus-collector.ts'
import { labelsOf, metricsIn } from './observability/prometheus-registry.ts'
import { recordEvents } from './observability/recorder.ts'

export type { GaugeOptions } from './observability/gauges.ts'

/** Where a cluster's metrics go. */
export interface PrometheusOptions extends GaugeOptions {
  /** The registry that the application serves, e.g. prom-client's default `register`. Several clusters may share it. */
  readonly register: Registry
}

/**
 * Reports a cluster's metrics to a prom-client registry; returns what ends that. Names and labels are those of the
 * OpenTelemetry metrics as its Prometheus exporter writes them.
 *
 * A write in read-write mode is not counted; gauges are looked at when the registry is scraped, and a database that does
 * not answer leaves its gauges out instead of failing the scrape. Call it before `cluster.start()`.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` when `cluster` did not come from `createCluster()`.
 *
 * @example
 * import { register } from 'prom-client'
 * import { reportMetrics } from '@quiesce/core/prometheus'
 * const stop = reportMetrics(cluster, { register })
 */
export function reportMetrics(cluster: Cluster, options: PrometheusOptions): () => void {
  const observation = observationOf(cluster)
  const metrics = metricsIn(options.register)
  for (const name of namesOf(COUNTERS)) metrics.counter(name)
  for (const name of namesOf(HISTOGRAMS)) metrics.histogram(name)
  const stopRecording = recordEvents(cluster, observation.namespace, {
    add: (name, attributes) => metrics.counter(name).inc(labelsOf(attributes)),
    record: (name, seconds, attributes) => metrics.histogram(name).observe(labelsOf(attributes), seconds),
  })
  const gauges = createGauges(cluster, observation, options)
  const stopCollecting = addCollector(metrics, gauges)
  return () => {
    stopRecording()
    stopCollecting()
    gauges.close()
  }
}
