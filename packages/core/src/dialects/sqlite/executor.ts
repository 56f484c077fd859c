import { setTimeout as sleep } from 'node:timers/promises'
import { QuiesceError } from '../../domain/errors.ts'
import type { Row, SqlExecutor } from '../../domain/executor.ts'
import { controlClosed } from '../control-closed.ts'
import type { ConnectionOptions } from '../dialect.ts'
import { meaningOf } from './errors.ts'
import type { SqliteLocation } from './location.ts'
import { createSource } from './source.ts'

/** Named parameters of a statement. */
export type Parameters = Readonly<Record<string, string | number | null>>

/** Runs statements at once: SQLite runs in this process, and nothing else of it runs meanwhile. */
export interface SqliteStatements {
  all(sql: string, parameters?: Parameters): readonly Row[]
  /** The number of rows that were changed. */
  run(sql: string, parameters?: Parameters): number
}

/** The control connection to the coordination file. */
export interface SqliteExecutor extends SqlExecutor {
  /** Where the coordination tables are, for messages. */
  readonly file: string
  /** The file of the application's database; `undefined` for one in memory. */
  readonly database: string | undefined
  /** False until `migrate()` has made the coordination file. */
  readonly exists: boolean
  /** What changes when a file is exchanged for another one: the inodes. */
  marks(): string
  /** Makes the coordination file when there is none; with it, as SQLite would, an empty file for the database. */
  create(): Promise<void>
  read<T>(fn: (db: SqliteStatements) => T): Promise<T>
  /**
   * Runs `fn` in a transaction that has the write lock of the coordination file from its beginning (BEGIN IMMEDIATE):
   * committed and flushed to the disk when it returns, rolled back when it throws. It may be run more than once.
   *
   * @param waitMs how long the lock may be waited for; as long as for every statement when left out.
   */
  change<T>(fn: (db: SqliteStatements) => T, waitMs?: number): Promise<T>
  /** Reads from the application's own database, for detection alone. */
  readDatabase<T>(fn: (db: SqliteStatements) => T): Promise<T>
}

const FIRST_PAUSE_MS = 2
const LONGEST_PAUSE_MS = 50

/**
 * Opens the coordination file when it is first needed.
 *
 * A locked file is waited for between attempts, never inside SQLite: its busy time-out would block the event loop, and
 * with it whoever has to release the lock.
 */
export function createSqliteExecutor(location: SqliteLocation, options: ConnectionOptions): SqliteExecutor {
  const source = createSource(location)
  let closed = false
  const assertOpen = (): void => {
    if (closed) throw controlClosed()
  }
  const attempt = async <T>(fn: () => T, waitMs = options.statementTimeoutMs): Promise<T> => {
    const until = performance.now() + waitMs
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      assertOpen()
      try {
        return fn()
      } catch (error) {
        if (meaningOf(error) !== 'busy' || performance.now() >= until) throw error
      }
      await sleep(Math.min(pauseMs, until - performance.now()))
    }
  }
  const read = async <T>(fn: (db: SqliteStatements) => T): Promise<T> => {
    await source.load()
    return attempt(() => fn(source.statements()))
  }
  return {
    get file() {
      return source.file
    },
    get exists() {
      return source.exists
    },
    database: 'file' in location ? location.file : undefined,
    marks: () => source.marks(),
    async create() {
      await source.load()
      assertOpen()
      source.create()
    },
    read,
    async change(fn, waitMs) {
      await source.load()
      return attempt(() => inTransaction(source.statements(), fn), waitMs)
    },
    async readDatabase(fn) {
      await source.load()
      return attempt(() => fn(source.database()))
    },
    async execute(sql, parameters = []) {
      const named = Object.fromEntries(parameters.map((value, index) => [String(index + 1), value])) as Parameters
      const rows = await read((db) => db.all(sql, named))
      return { rows, rowCount: rows.length }
    },
    transaction: () =>
      Promise.reject(
        new QuiesceError(
          'QUIESCE_CONFIG',
          'SQLite has one writer at a time, so no transaction of the coordination stays open over other work.',
        ),
      ),
    async close() {
      closed = true
      source.close()
    },
  }
}

function inTransaction<T>(db: SqliteStatements, fn: (db: SqliteStatements) => T): T {
  db.run('BEGIN IMMEDIATE')
  try {
    const value = fn(db)
    db.run('COMMIT')
    return value
  } catch (error) {
    // Some errors have ended the transaction already.
    attemptRollback(db)
    throw error
  }
}

function attemptRollback(db: SqliteStatements): void {
  try {
    db.run('ROLLBACK')
  } catch {}
}
