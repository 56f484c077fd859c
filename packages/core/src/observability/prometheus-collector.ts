import type { Gauge } from 'prom-client'
import type { Gauges, Sample } from './gauges.ts'
import { GAUGES, type GaugeName, namesOf } from './metrics.ts'
import { labelsOf, type RegistryMetrics } from './prometheus-registry.ts'

/** What a gauge of prom-client calls before it is read; a public option of its constructor, kept under the same name. */
interface Collecting {
  collect?: (() => void | Promise<void>) | undefined
}

/**
 * Fills the gauges of a registry with those of one cluster whenever they are collected, besides what other clusters
 * already fill in; returns what ends that and removes its values.
 */
export function addCollector(metrics: RegistryMetrics, gauges: Gauges): () => void {
  let looking: Promise<readonly Sample[]> | undefined
  let stopped = false
  // A scrape collects all gauges at once: they share one look.
  const look = (): Promise<readonly Sample[]> => {
    looking ??= gauges.observe().finally(() => {
      looking = undefined
    })
    return looking
  }
  const given = new Map<Gauge, readonly Record<string, string>[]>()

  const forget = (gauge: Gauge): void => {
    for (const labels of given.get(gauge) ?? []) gauge.remove(labels)
    given.delete(gauge)
  }
  const fill = async (name: GaugeName, gauge: Gauge): Promise<void> => {
    const samples = (await look()).filter(({ metric }) => metric === name)
    forget(gauge)
    if (stopped) return
    for (const { value, attributes } of samples) gauge.set(labelsOf(attributes), value)
    given.set(
      gauge,
      samples.map(({ attributes }) => labelsOf(attributes)),
    )
  }
  for (const name of namesOf(GAUGES)) {
    const gauge = metrics.gauge(name)
    const collecting = gauge as Gauge & Collecting
    const others = collecting.collect?.bind(gauge)
    collecting.collect = async () => {
      await others?.()
      if (!stopped) await fill(name, gauge)
    }
  }
  return () => {
    stopped = true
    for (const gauge of [...given.keys()]) forget(gauge)
  }
}
