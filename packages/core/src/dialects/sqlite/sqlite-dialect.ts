import type { Dialect } from '../dialect.ts'
import { sqliteBelt } from './belt.ts'
import { outcomeOf } from './errors.ts'
import { createSqliteExecutor } from './executor.ts'
import { isSqlite, locationOf } from './location.ts'
import { checkNames } from './names.ts'
import { createSqliteStore } from './store.ts'

/** SQLite 3.42 and later, through the driver `better-sqlite3`: one process is the whole cluster. */
export const sqliteDialect: Dialect = {
  name: 'sqlite',
  grammar: 'sqlite',
  guarantee: 'local',
  defaultSchema: 'main',
  defaultCoordinationSchema: undefined,
  accepts: isSqlite,
  checkNames,
  connect: (database, options) => createSqliteExecutor(locationOf(database), options),
  createStore: createSqliteStore,
  outcomeOf,
  belt: sqliteBelt,
}
