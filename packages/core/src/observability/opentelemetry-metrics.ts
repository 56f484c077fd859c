import type { Meter, Observable, Attributes as OtelAttributes } from '@opentelemetry/api'
import type { Cluster } from '../cluster/cluster.ts'
import type { Observation } from '../cluster/observation.ts'
import { createGauges, type GaugeOptions } from './gauges.ts'
import { bucketsOf, COUNTERS, GAUGES, type GaugeName, HISTOGRAMS, type MetricDefinition, namesOf } from './metrics.ts'
import { recordEvents } from './recorder.ts'

/** Reports the metrics of a cluster through a meter; returns what ends that. */
export function meterCluster(
  cluster: Cluster,
  observation: Observation,
  meter: Meter,
  options: GaugeOptions,
): () => void {
  const counters = new Map(namesOf(COUNTERS).map((name) => [name, meter.createCounter(name, describe(COUNTERS[name]))]))
  const histograms = new Map(
    namesOf(HISTOGRAMS).map((name) => {
      const advice = { explicitBucketBoundaries: [...bucketsOf(name)] }
      return [name, meter.createHistogram(name, { ...describe(HISTOGRAMS[name]), advice })]
    }),
  )
  const stopRecording = recordEvents(cluster, observation.namespace, {
    add: (metric, attributes) => counters.get(metric)?.add(1, attributes),
    record: (metric, seconds, attributes) => histograms.get(metric)?.record(seconds, attributes),
  })

  const gauges = createGauges(cluster, observation, options)
  const observables = new Map(namesOf(GAUGES).map((name) => [name, observable(meter, name)]))
  const observe: Parameters<Meter['addBatchObservableCallback']>[0] = async (result) => {
    for (const { metric, value, attributes } of await gauges.observe()) {
      const instrument = observables.get(metric)
      if (instrument !== undefined) result.observe(instrument, value, attributes)
    }
  }
  const all = [...observables.values()]
  meter.addBatchObservableCallback(observe, all)
  return () => {
    stopRecording()
    gauges.close()
    meter.removeBatchObservableCallback(observe, all)
  }
}

const SUMMABLE: ReadonlySet<GaugeName> = new Set([
  'quiesce.write.inflight',
  'quiesce.drain.pending',
  'quiesce.lock.held',
])

/** What can be summed over nodes is an up-down counter; everything else is a gauge. */
function observable(meter: Meter, name: GaugeName): Observable<OtelAttributes> {
  const description = describe(GAUGES[name])
  return SUMMABLE.has(name)
    ? meter.createObservableUpDownCounter(name, description)
    : meter.createObservableGauge(name, description)
}

function describe({ unit, description }: MetricDefinition): { unit: string; description: string } {
  return { unit, description }
}
