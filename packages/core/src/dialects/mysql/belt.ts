import { EventEmitter } from 'node:events'
import type { Belt, BeltWearer } from '../../domain/belt.ts'
import { transactionControl } from '../../sql/transaction-control.ts'
import { createBeltedSession } from '../belted-session.ts'
import { errorNumberOf } from './errors.ts'

const READ_ONLY = 'SET SESSION TRANSACTION READ ONLY'
const READ_WRITE = 'SET SESSION TRANSACTION READ WRITE'
/** ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION */
const REFUSED = 1792

/** A connection of mysql2: everything that it sends goes through its queue of commands. */
interface MysqlConnection {
  addCommand(command: unknown): unknown
  readonly config: unknown
  readonly constructor: { createQuery?(sql: string, values: unknown, callback: unknown, config: unknown): unknown }
}

/** Sessions of MySQL and MariaDB, by the connections of a pool of mysql2. */
export const mysqlBelt: Belt = {
  isRefusal: (error) => errorNumberOf(error) === REFUSED,
  wear(pool, wearer) {
    if (!(pool instanceof EventEmitter) || !('releaseConnection' in pool) || !('execute' in pool)) return undefined
    const known = new WeakSet<MysqlConnection>()
    const equip = (connection: MysqlConnection): void => {
      if (!known.has(connection)) equipConnection(connection, wearer)
      known.add(connection)
    }
    pool.on('connection', equip)
    pool.on('acquire', equip)
    return () => {
      pool.off('connection', equip)
      pool.off('acquire', equip)
    }
  },
}

function equipConnection(connection: MysqlConnection, wearer: BeltWearer): void {
  const { addCommand } = connection
  const { createQuery } = connection.constructor
  if (createQuery === undefined) {
    wearer.warn("belt: 'session' is off: this version of mysql2 has no createQuery()")
    return
  }
  const session = createBeltedSession(wearer, transactionControl)
  const add = (command: unknown): unknown => Reflect.apply(addCommand, connection, [command])
  connection.addCommand = (command) => {
    const sql = textOf(command)
    const switching = sql === undefined ? undefined : session.before(sql)
    if (switching !== undefined) {
      const told = (error: unknown): void => {
        if (!error) return
        session.failed()
        wearer.warn('the session of a connection could not be switched', error)
      }
      // The queue sends one after the other.
      add(createQuery(switching ? READ_ONLY : READ_WRITE, [], told, connection.config))
    }
    return add(command)
  }
}

/** The text of a command that makes the server execute a statement; `undefined` for a ping, a preparation and the like. */
function textOf(command: unknown): string | undefined {
  const { sql, statement } = Object(command) as { readonly sql?: unknown; readonly statement?: unknown }
  if (typeof sql === 'string') return sql
  const { query } = Object(statement) as { readonly query?: unknown }
  return typeof query === 'string' ? query : undefined
}
