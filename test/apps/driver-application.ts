import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '@quiesce/core'
import { type Admission, gateOf, guarded } from '@quiesce/core/adapter'
import { flavourOf } from '../support/flavour.ts'
import type { Application, Transaction } from './application.ts'
import { type DriverSettings, openDriver, type Runs } from './driver.ts'

/** The smallest application: statements through a driver, each asked for at the gate. */
export function driverApplication(cluster: Cluster, settings: DriverSettings): Application {
  const driver = openDriver(settings)
  const gate = gateOf(cluster)
  const run = async (admission: Admission, runs: Runs, sql: string): Promise<void> => {
    await guarded(gate, admission, sql, async () => {
      if (settings.sendDelayMs !== undefined) await delay(settings.sendDelayMs)
      await runs.run(sql)
    })
  }
  return {
    write: (sql) => run(gate, driver, sql),
    async begin(isolation) {
      const connection = await driver.checkOut()
      const session = gate.openSession()
      const finish = (broken: boolean): void => {
        session.release()
        connection.release(broken)
      }
      const transaction: Transaction = {
        write: (sql) => run(session, connection, sql),
        async commit() {
          try {
            await run(session, connection, 'COMMIT')
            finish(false)
          } catch (error) {
            await transaction.rollback()
            throw error
          }
        },
        async rollback() {
          await run(session, connection, 'ROLLBACK').then(
            () => finish(false),
            () => finish(true),
          )
        },
      }
      try {
        for (const sql of flavourOf(driver.kind).begin(isolation)) await run(session, connection, sql)
      } catch (error) {
        // Nobody else would give it back to the pool.
        finish(true)
        throw error
      }
      return transaction
    },
    close: () => driver.end(),
  }
}

/**
 * The defect that the tests must see: no membership and no drain, only a mode that is read every now and then.
 */
export function flagApplication(settings: DriverSettings, cluster: { readonly namespace: string }): Application {
  const driver = openDriver(settings)
  const flavour = flavourOf(driver.kind)
  let writable = true
  const poll = setInterval(() => {
    driver.rows(`SELECT mode FROM ${flavour.table('cluster')} WHERE namespace = '${cluster.namespace}'`).then(
      ([row]) => {
        writable = row?.['mode'] === 'read-write'
      },
      () => {},
    )
  }, 1000)
  const run = async (runs: Runs, sql: string): Promise<void> => {
    if (!writable) throw Object.assign(new Error('read-only'), { kind: 'QUIESCE_READ_ONLY' })
    await runs.run(sql)
  }
  return {
    write: (sql) => run(driver, sql),
    async begin(isolation) {
      const connection = await driver.checkOut()
      for (const sql of flavour.begin(isolation)) await connection.run(sql)
      return {
        write: (sql) => run(connection, sql),
        commit: () => connection.run('COMMIT').finally(() => connection.release(false)),
        rollback: () => connection.run('ROLLBACK').finally(() => connection.release(false)),
      }
    },
    async close() {
      clearInterval(poll)
      await driver.end()
    },
  }
}
