import type { Session } from '@quiesce/core/adapter'
import type { GuardedTransaction } from './guarded-transaction.ts'

/** A transaction from before its BEGIN is sent until its connection has been given back. */
export interface OpenTransaction {
  readonly session: Session
  /** `undefined` until it has begun. */
  transaction: GuardedTransaction | undefined
  /** Where it is among the others. */
  place: number
}

/**
 * The open transactions of one adapter.
 *
 * An array whose elements know their places: a `Set` hashes each object that it is given, and makes a new table whenever it
 * becomes empty, which nearly every transaction would pay for.
 */
export class OpenTransactions {
  readonly #opened: OpenTransaction[] = []

  get isEmpty(): boolean {
    return this.#opened.length === 0
  }

  /** Adds it; returns what it is taken out with. */
  add(session: Session): OpenTransaction {
    const opened = { session, transaction: undefined, place: this.#opened.length }
    this.#opened.push(opened)
    return opened
  }

  /** Takes it out if it is still in: one that is disposed of while it ends is over twice. */
  remove(opened: OpenTransaction): void {
    if (this.#opened[opened.place] !== opened) return
    const last = this.#opened.pop()
    if (last === undefined || last === opened) return
    this.#opened[opened.place] = last
    last.place = opened.place
  }

  sessions(): readonly Session[] {
    return this.#opened.map(({ session }) => session)
  }

  /** Rolls back those that have begun. */
  async abandon(): Promise<void> {
    await Promise.allSettled(Array.from(this.#opened, ({ transaction }) => transaction?.abandon()))
  }
}
