import type { Session, Ticket } from '@quiesce/core/adapter'
import type { SqlQueryLike, TransactionLike } from './driver-adapter.ts'
import type { StatementGuard } from './statement-guard.ts'

/** A guarded transaction, with the means to end it when its adapter is disposed of. */
export interface GuardedTransaction extends TransactionLike {
  /** Rolls it back unless it is over. */
  abandon(): Promise<void>
}

/**
 * Wraps a transaction that has begun: its statements go through its session of the gate.
 *
 * @param onClosed called once, when its connection has been given back.
 */
export function guardTransaction(
  guard: StatementGuard,
  session: Session,
  inner: TransactionLike,
  onClosed: () => void,
): GuardedTransaction {
  return new SessionTransaction(guard, session, inner, onClosed)
}

class SessionTransaction implements GuardedTransaction {
  readonly provider: string
  readonly adapterName: string
  readonly options: TransactionLike['options']
  readonly #guard: StatementGuard
  readonly #session: Session
  readonly #inner: TransactionLike
  readonly #onClosed: () => void
  /** Why the commit was refused; a ROLLBACK has been sent in its place. */
  #refusal: unknown
  #closed = false
  /** Whoever sends COMMIT as a statement makes a call behind it that sends nothing. */
  #isCommitSent = false

  constructor(guard: StatementGuard, session: Session, inner: TransactionLike, onClosed: () => void) {
    this.provider = inner.provider
    this.adapterName = inner.adapterName
    this.options = inner.options
    this.#guard = guard
    this.#session = session
    this.#inner = inner
    this.#onClosed = onClosed
  }

  /** Savepoints neither write nor end the transaction, so they pass; where the adapter has none, this has none either. */
  get createSavepoint(): TransactionLike['createSavepoint'] {
    return this.#inner.createSavepoint?.bind(this.#inner)
  }

  get rollbackToSavepoint(): TransactionLike['rollbackToSavepoint'] {
    return this.#inner.rollbackToSavepoint?.bind(this.#inner)
  }

  get releaseSavepoint(): TransactionLike['releaseSavepoint'] {
    return this.#inner.releaseSavepoint?.bind(this.#inner)
  }

  queryRaw(query: SqlQueryLike): Promise<unknown> {
    return this.#guard.queryRaw(this.#session, this.#inner, query)
  }

  executeRaw(query: SqlQueryLike): Promise<number> {
    if (query.sql === 'COMMIT') return this.#sendCommit(query)
    // An engine that saw its commit fail rolls back once more; there is nothing left to do it on.
    if (this.#closed && query.sql === 'ROLLBACK') return Promise.resolve(0)
    return this.#guard.executeRaw(this.#session, this.#inner, query)
  }

  async commit(): Promise<void> {
    if (this.#closed) return
    const ticket = this.#isCommitSent || !this.#session.inTransaction ? undefined : this.#admitCommit()
    if (this.#refusal !== undefined) {
      // Should even the rollback fail, the connection is gone, and the refusal is still what the caller has to know.
      await this.abandon().catch(() => {})
      throw this.#refusal
    }
    try {
      if (ticket === undefined) await this.#inner.commit()
      else await this.#guard.settle(ticket, () => this.#inner.commit())
    } finally {
      this.#close()
    }
  }

  async rollback(): Promise<void> {
    if (this.#closed) return
    try {
      await this.#inner.rollback()
      if (this.options.usePhantomQuery) this.#session.rolledBack()
    } finally {
      this.#close()
    }
  }

  async abandon(): Promise<void> {
    if (this.#closed) return
    if (this.#session.inTransaction && !this.options.usePhantomQuery) await this.#sendRollback({ sql: 'ROLLBACK' })
    await this.rollback()
  }

  /**
   * A refused COMMIT is not an error yet: Prisma 7 would give the connection back with its transaction open and
   * Prisma 6 would never give it back. So it becomes a ROLLBACK that succeeds, and `commit()` tells the caller.
   */
  #sendCommit(query: SqlQueryLike): Promise<number> {
    if (this.#closed) return Promise.resolve(0)
    const ticket = this.#session.note('COMMIT') ?? this.#admitCommit()
    if (ticket === undefined) return this.#sendRollback(query)
    this.#isCommitSent = true
    // Prisma 6 calls nothing after a COMMIT that failed, so this must be the session's end: the ticket is.
    return this.#guard.settle(ticket, () => this.#inner.executeRaw(query))
  }

  /** `undefined` when the commit is refused; the reason is kept for `commit()`. */
  #admitCommit(): Ticket | undefined {
    try {
      return this.#session.admitCommit()
    } catch (refusal) {
      this.#refusal = refusal
      return undefined
    }
  }

  async #sendRollback(query: SqlQueryLike): Promise<number> {
    const ticket = this.#session.admit('ROLLBACK')
    try {
      return await this.#guard.settle(ticket, () => this.#inner.executeRaw({ ...query, sql: 'ROLLBACK' }))
    } catch {
      // The connection is gone, and with it the transaction.
      return 0
    }
  }

  #close(): void {
    this.#closed = true
    this.#session.release()
    this.#onClosed()
  }
}
