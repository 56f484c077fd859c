import type { Analysis } from '../sql/analysis.ts'

/** A statement as it was sent, or what is known of many like it. */
export type Trace = string | Analysis

/** What a trace stands for. */
export function doneBy(trace: Trace, analyze: (sql: string) => Analysis): Analysis {
  return typeof trace === 'string' ? analyze(trace) : trace
}

const KEPT = 64

/**
 * The statements of one open transaction, kept as texts so that nothing is parsed while the cluster is read-write.
 *
 * When there are many, what they do takes the place of the texts, once for all that do the same; reads are dropped. Only
 * when too many different writes remain, the log stops telling them apart.
 */
export class TransactionLog {
  #traces: Trace[] | undefined = []
  readonly #analyze: (sql: string) => Analysis

  constructor(analyze: (sql: string) => Analysis) {
    this.#analyze = analyze
  }

  add(sql: string): void {
    if (this.#traces === undefined) return
    if (this.#traces.length === KEPT) this.#traces = this.#condensed(this.#traces)
    this.#traces?.push(sql)
  }

  /** `undefined` when there were too many different writes to keep. */
  traces(): readonly Trace[] | undefined {
    return this.#traces
  }

  #condensed(traces: readonly Trace[]): Trace[] | undefined {
    const writes = new Map<string, Analysis>()
    // The same text has the same verdict object, so a loop of one statement is told apart once and not at each turn.
    const verdicts = new Set(traces.map((trace) => doneBy(trace, this.#analyze)))
    for (const analysis of verdicts) if (analysis.kind !== 'read') writes.set(JSON.stringify(analysis), analysis)
    return writes.size === KEPT ? undefined : [...writes.values()]
  }
}
