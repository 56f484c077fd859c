import type { Cluster } from '@quiesce/core'
import { type Admission, gateOf, guarded } from '@quiesce/core/adapter'
import pg from 'pg'
import type { Application, Transaction } from './application.ts'

/** The smallest application: statements through pg, each asked for at the gate. */
export function pgApplication(cluster: Cluster, config: pg.PoolConfig): Application {
  const pool = new pg.Pool(config)
  pool.on('error', () => {})
  const gate = gateOf(cluster)
  const run = async (admission: Admission, client: pg.Pool | pg.PoolClient, sql: string): Promise<void> => {
    await guarded(gate, admission, sql, () => client.query(sql))
  }
  return {
    write: (sql) => run(gate, pool, sql),
    async begin(isolation) {
      const client = await pool.connect()
      const session = gate.openSession()
      const finish = (error?: unknown): void => {
        session.release()
        client.release(error !== undefined)
      }
      const transaction: Transaction = {
        write: (sql) => run(session, client, sql),
        async commit() {
          try {
            await run(session, client, 'COMMIT')
            finish()
          } catch (error) {
            await transaction.rollback()
            throw error
          }
        },
        async rollback() {
          try {
            await run(session, client, 'ROLLBACK')
            finish()
          } catch (error) {
            finish(error)
          }
        },
      }
      await run(session, client, `BEGIN ISOLATION LEVEL ${isolation}`)
      return transaction
    },
    close: () => pool.end(),
  }
}

/**
 * The defect that the tests must see: no membership and no drain, only a mode that is read every now and then.
 */
export function flagApplication(url: string, cluster: { namespace: string }): Application {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  let writable = true
  const poll = setInterval(() => {
    pool.query('SELECT mode FROM quiesce.quiesce_cluster WHERE namespace = $1', [cluster.namespace]).then(
      ({ rows }) => {
        writable = rows[0]?.mode === 'read-write'
      },
      () => {},
    )
  }, 1000)
  const run = async (client: pg.Pool | pg.PoolClient, sql: string): Promise<void> => {
    if (!writable) throw Object.assign(new Error('read-only'), { kind: 'QUIESCE_READ_ONLY' })
    await client.query(sql)
  }
  return {
    write: (sql) => run(pool, sql),
    async begin(isolation) {
      const client = await pool.connect()
      await client.query(`BEGIN ISOLATION LEVEL ${isolation}`)
      return {
        write: (sql) => run(client, sql),
        commit: async () => void (await client.query('COMMIT').finally(() => client.release())),
        rollback: async () => void (await client.query('ROLLBACK').finally(() => client.release())),
      }
    },
    async close() {
      clearInterval(poll)
      await pool.end()
    },
  }
}
