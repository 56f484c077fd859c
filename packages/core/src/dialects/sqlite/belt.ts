import type { Belt, BeltWearer } from '../../domain/belt.ts'
import { isReadOnlyRefusal } from './errors.ts'

type Method = (...args: readonly unknown[]) => unknown

/** A connection of better-sqlite3; everything that it does is done when the call returns. */
interface SqliteConnection {
  prepare: Method
  exec: Method
  pragma(text: string): unknown
  readonly inTransaction: boolean
  readonly open: boolean
}

/** What executes a prepared statement. */
const EXECUTES = ['run', 'get', 'all', 'iterate'] as const

/**
 * `PRAGMA query_only` on a connection of better-sqlite3. Where nothing may be written it is on for every statement, also
 * for one that comes past the guards; otherwise for those that a guard takes for reads.
 */
export const sqliteBelt: Belt = {
  isRefusal: isReadOnlyRefusal,
  wear(pool, wearer) {
    if (!isConnection(pool)) return undefined
    const { prepare, exec } = pool
    const before = createSwitch(pool, wearer)
    pool.prepare = (...args) => equipStatement(Reflect.apply(prepare, pool, args), args[0], before.statement)
    pool.exec = (...args) => {
      before.statement(args[0])
      return Reflect.apply(exec, pool, args)
    }
    return () => {
      pool.prepare = prepare
      pool.exec = exec
      before.end()
    }
  },
}

interface Switch {
  statement(sql: unknown): void
  end(): void
}

function createSwitch(connection: SqliteConnection, wearer: BeltWearer): Switch {
  let isOn = false
  let isWorn = true
  const set = (on: boolean): void => {
    try {
      connection.pragma(`query_only = ${on ? 'ON' : 'OFF'}`)
      isOn = on
    } catch (error) {
      wearer.warn('a connection could not be switched', error)
    }
  }
  return {
    statement(sql) {
      if (!isWorn || typeof sql !== 'string') return
      const ofAll = wearer.accessFor('BEGIN')
      if (connection.inTransaction) {
        // Its BEGIN has decided: one that wrote before the freeze may finish. One that sees the thaw may write again.
        if (isOn && ofAll === 'read-write') set(false)
        return
      }
      const access = ofAll === 'read-only' ? ofAll : wearer.accessFor(sql)
      if (access !== undefined && (access === 'read-only') !== isOn) set(!isOn)
    },
    end() {
      isWorn = false
      if (isOn && connection.open) set(false)
    },
  }
}

function equipStatement(statement: unknown, sql: unknown, before: (sql: unknown) => void): unknown {
  const methods = statement as Record<(typeof EXECUTES)[number], Method>
  for (const name of EXECUTES) {
    const execute = methods[name]
    methods[name] = (...args) => {
      before(sql)
      return Reflect.apply(execute, statement, args)
    }
  }
  return statement
}

function isConnection(pool: object): pool is SqliteConnection {
  return ['prepare', 'exec', 'pragma'].every((name) => typeof Reflect.get(pool, name) === 'function')
}
