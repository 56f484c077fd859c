import { closeSync, openSync } from 'node:fs'
import { QuiesceError } from '../../domain/errors.ts'
import type { Row } from '../../domain/executor.ts'
import { coordinationFileOf, inodeOf } from './coordination-file.ts'
import type { SqliteConstructor, SqliteDatabase, SqliteStatement } from './driver.ts'
import type { SqliteStatements } from './executor.ts'
import { loadDriver } from './load-driver.ts'
import type { SqliteLocation } from './location.ts'

/** Where the statements of an executor go to. */
export interface SqliteSource {
  readonly file: string
  readonly exists: boolean
  load(): Promise<void>
  create(): void
  marks(): string
  statements(): SqliteStatements
  database(): SqliteStatements
  close(): void
}

/** Opens what a location names; nothing is opened before it is needed. */
export function createSource(location: SqliteLocation): SqliteSource {
  return 'memory' in location ? memorySource(location) : fileSource(location)
}

const coordinationKey = Symbol.for('quiesce.sqlite.coordination')

/**
 * The coordination of a database in memory is in memory too, and hangs on its `Database` object, so that every cluster
 * object of that database finds the same one.
 */
function memorySource({ memory, Database }: Extract<SqliteLocation, { memory: SqliteDatabase }>): SqliteSource {
  const carrier = memory as SqliteDatabase & { [coordinationKey]?: SqliteDatabase }
  const opened = (): SqliteDatabase => {
    carrier[coordinationKey] ??= new Database(':memory:')
    return carrier[coordinationKey]
  }
  return {
    file: ':memory:',
    get exists() {
      return carrier[coordinationKey] !== undefined
    },
    load: async () => {},
    create: () => void opened(),
    marks: () => 'memory',
    statements: () => statementsOf(opened()),
    database: () => statementsOf(memory),
    close() {},
  }
}

interface Opened {
  readonly db: SqliteDatabase
  readonly statements: SqliteStatements
  readonly inode: string | undefined
}

function fileSource({ file, Database: given }: Extract<SqliteLocation, { file: string }>): SqliteSource {
  let Database: SqliteConstructor | undefined = given
  let path: string | undefined
  let coordination: Opened | undefined
  let application: Opened | undefined
  const pathNow = (): string => {
    path ??= coordinationFileOf(file)
    return path
  }
  const open = (at: string, options: { readonly?: boolean; fileMustExist: boolean }): Opened => {
    if (Database === undefined) throw new QuiesceError('QUIESCE_CONFIG', 'The driver is not loaded yet.')
    const db = new Database(at, { ...options, timeout: 0 })
    return { db, statements: statementsOf(db), inode: inodeOf(at) }
  }
  return {
    get file() {
      return pathNow()
    },
    get exists() {
      return inodeOf(pathNow()) !== undefined
    },
    async load() {
      Database ??= await loadDriver()
    },
    create() {
      closeSync(openSync(file, 'a'))
      // Its real path is known from here on.
      path = undefined
      coordination ??= open(pathNow(), { fileMustExist: false })
    },
    marks: () => `${inodeOf(file) ?? 'absent'}/${inodeOf(pathNow()) ?? 'absent'}`,
    statements() {
      // Somebody may have put another file in its place: ours would be one that nobody finds any more.
      if (coordination !== undefined && coordination.inode !== inodeOf(pathNow())) {
        coordination.db.close()
        coordination = undefined
      }
      coordination ??= open(pathNow(), { fileMustExist: true })
      return coordination.statements
    },
    database() {
      application ??= open(file, { fileMustExist: true, readonly: true })
      return application.statements
    },
    close() {
      coordination?.db.close()
      application?.db.close()
      coordination = undefined
      application = undefined
    },
  }
}

/** Statements that are prepared once. */
function statementsOf(db: SqliteDatabase): SqliteStatements {
  const prepared = new Map<string, SqliteStatement>()
  const prepare = (sql: string): SqliteStatement => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const fresh = db.prepare(sql)
    prepared.set(sql, fresh)
    return fresh
  }
  return {
    all: (sql, parameters = {}) => prepare(sql).all(parameters) as Row[],
    run: (sql, parameters = {}) => prepare(sql).run(parameters).changes,
  }
}
