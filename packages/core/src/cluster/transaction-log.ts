import type { Analysis } from '../sql/analysis.ts'

const KEPT = 64

/**
 * The statements of one open transaction, kept as texts so that nothing is parsed while the cluster is read-write.
 *
 * When there are many, those that only read are dropped; when too many writes remain, the log stops telling them apart.
 */
export class TransactionLog {
  #texts: string[] | undefined = []
  readonly #analyze: (sql: string) => Analysis

  constructor(analyze: (sql: string) => Analysis) {
    this.#analyze = analyze
  }

  add(sql: string): void {
    if (this.#texts === undefined) return
    if (this.#texts.length === KEPT) this.#texts = this.#writesAmong(this.#texts)
    this.#texts?.push(sql)
  }

  /** `undefined` when there were too many writes to keep. */
  texts(): readonly string[] | undefined {
    return this.#texts
  }

  #writesAmong(texts: readonly string[]): string[] | undefined {
    const writes = texts.filter((sql) => this.#analyze(sql).kind !== 'read')
    return writes.length === KEPT ? undefined : writes
  }
}
