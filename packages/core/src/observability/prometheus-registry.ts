import { Counter, Gauge, Histogram, type Metric, type Registry } from 'prom-client'
import {
  type Attributes,
  bucketsOf,
  COUNTERS,
  type CounterName,
  GAUGES,
  type GaugeName,
  HISTOGRAMS,
  type HistogramName,
  type MetricDefinition,
} from './metrics.ts'

/** Makes each metric in a registry once, and finds it again when a second cluster reports there. */
export interface RegistryMetrics {
  counter(name: CounterName): Counter
  histogram(name: HistogramName): Histogram
  gauge(name: GaugeName): Gauge
}

/** Looks at a registry. */
export function metricsIn(register: Registry): RegistryMetrics {
  const registers = [register]
  const found = <T extends Metric>(name: string, make: (name: string) => T): T =>
    // Whoever else has made it under our name has made it as we do: the name says kind, unit and labels.
    (register.getSingleMetric(name) as T | undefined) ?? make(name)
  const configure = (
    name: string,
    { description, attributes }: MetricDefinition,
  ): { name: string; help: string; labelNames: string[]; registers: Registry[] } => ({
    name,
    help: description,
    labelNames: ['quiesce.namespace', ...attributes].map(labelName),
    registers,
  })
  return {
    // As OpenTelemetry's own exporter names them: underscores, `_total` for counters, the unit of durations.
    counter: (name) => found(`${labelName(name)}_total`, (as) => new Counter(configure(as, COUNTERS[name]))),
    histogram: (name) =>
      found(
        `${labelName(name)}_seconds`,
        (as) => new Histogram({ ...configure(as, HISTOGRAMS[name]), buckets: [...bucketsOf(name)] }),
      ),
    gauge: (name) => found(labelName(name), (as) => new Gauge(configure(as, GAUGES[name]))),
  }
}

function labelName(attribute: string): string {
  return attribute.replaceAll('.', '_')
}

const labelled = new WeakMap<Attributes, Readonly<Record<string, string>>>()

/** Attributes as labels; the same ones for the same object. */
export function labelsOf(attributes: Attributes): Readonly<Record<string, string>> {
  let labels = labelled.get(attributes)
  if (labels === undefined) {
    labels = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [labelName(name), value]))
    labelled.set(attributes, labels)
  }
  return labels
}
