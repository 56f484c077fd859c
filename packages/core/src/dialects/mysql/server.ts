import { QuiesceError } from '../../domain/errors.ts'
import type { SqlExecutor } from '../../domain/executor.ts'
import { readRow } from '../row.ts'
import { errorNumberOf } from './errors.ts'

/** How the two products say the same things. */
export interface ServerLanguage {
  readonly product: 'mysql' | 'mariadb'
  /** The oldest version that has what the statements need. */
  readonly needs: readonly [major: number, minor: number, patch: number]
  /** Names the server: changes at a failover to another one. */
  readonly identity: string
  /** Compares text byte by byte, trailing blanks too. */
  readonly exactCollation: string
  /** True on a server that takes writes. */
  readonly isPrimary: string
  /** Whether `CREATE OR REPLACE FUNCTION` is known. */
  readonly replacesFunctions: boolean
  /** What makes DDL wait until the connection ends, and the privilege for it. */
  readonly ddlHold: { readonly privilege: string; readonly statements: readonly string[] }
  /** What one table of a fence takes when nobody is in the way, with the connections that we use; measured. */
  readonly fenceTableMs: number
  /** Bounds how long a SELECT that locks rows may wait, in milliseconds. */
  bounded(select: string, timeoutMs: number): string
}

/** The server that answers, as it says itself. */
export interface Server {
  readonly language: ServerLanguage
  readonly version: string
  /** The connection's own database; `undefined` when it has none. */
  readonly database: string | undefined
}

/** 8.0.17 has the collation; CHECK constraints, SKIP LOCKED and visible metadata locks are older. */
const MYSQL: ServerLanguage = {
  product: 'mysql',
  needs: [8, 0, 17],
  identity: '@@server_uuid',
  exactCollation: 'utf8mb4_0900_bin',
  isPrimary: '@@global.read_only = 0 AND @@global.super_read_only = 0',
  replacesFunctions: false,
  ddlHold: { privilege: 'BACKUP_ADMIN', statements: ['LOCK INSTANCE FOR BACKUP'] },
  fenceTableMs: 20,
  bounded: (select, timeoutMs) => select.replace('SELECT', `SELECT /*+ MAX_EXECUTION_TIME(${Math.ceil(timeoutMs)}) */`),
}

/**
 * 10.6 has SKIP LOCKED. There is no identity that a server keeps for life: `server_uid` follows the network card, so a
 * container that is made anew would look like another server.
 */
const MARIADB: ServerLanguage = {
  product: 'mariadb',
  needs: [10, 6, 0],
  identity: "CONCAT_WS('/', @@server_id, @@hostname, @@port)",
  exactCollation: 'utf8mb4_nopad_bin',
  isPrimary: "CAST(@@global.read_only AS CHAR) IN ('0', 'OFF')",
  replacesFunctions: true,
  ddlHold: { privilege: 'RELOAD', statements: ['BACKUP STAGE START', 'BACKUP STAGE BLOCK_DDL'] },
  fenceTableMs: 15,
  bounded: (select, timeoutMs) => `SET STATEMENT max_statement_time = ${timeoutMs / 1000} FOR ${select}`,
}

/** Asks the server what it is; fails when it lacks what we need. */
export async function probeServer(executor: SqlExecutor): Promise<Server> {
  const { rows } = await executor.execute('SELECT VERSION() AS version, DATABASE() AS current_database')
  const r = readRow(rows[0] ?? {})
  const version = r.text('version')
  const language = /mariadb/i.test(version) ? MARIADB : MYSQL
  if (!isAtLeast(version, language.needs)) {
    const name = language.product === 'mariadb' ? 'MariaDB' : 'MySQL'
    throw new QuiesceError(
      'QUIESCE_DATABASE',
      `The server is ${name} ${version}; ${name} ${language.needs.join('.')} or later is needed. Update the server.`,
      { version, needs: language.needs.join('.') },
    )
  }
  return { language, version, database: r.optionalText('current_database') }
}

/** Remembers the server; asks again after a failure. */
export function serverOf(executor: SqlExecutor): () => Promise<Server> {
  let server: Promise<Server> | undefined
  return () => {
    server ??= probeServer(executor).catch((error: unknown) => {
      server = undefined
      throw errorNumberOf(error) === NO_SUCH_DATABASE ? missingDatabase(error) : error
    })
    return server
  }
}

const NO_SUCH_DATABASE = 1049

/** The connection itself was refused, so no migration can help. */
function missingDatabase(cause: unknown): QuiesceError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new QuiesceError(
    'QUIESCE_DATABASE',
    `The database does not exist (${message}). Create it, or correct the URL.`,
    {},
    { cause },
  )
}

/** Whether a version is not older. Some proxies and services put another number in front: `5.5.5-10.11.6-MariaDB`. */
export function isAtLeast(version: string, needs: ServerLanguage['needs']): boolean {
  const numbers =
    /(\d+)\.(\d+)\.(\d+)/
      .exec(version.replace(/^5\.5\.5-(?=\d)/, ''))
      ?.slice(1)
      .map(Number) ?? []
  for (const [index, need] of needs.entries()) {
    const has = numbers[index] ?? 0
    if (has !== need) return has > need
  }
  return true
}
