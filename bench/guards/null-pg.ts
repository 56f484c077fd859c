import { EventEmitter } from 'node:events'

const answer = {
  command: 'SELECT',
  rowCount: 1,
  rows: [{ version: 'PostgreSQL 18.0', server_version: '18.0', id: 1 }],
  fields: [],
}

type Callback = (error: unknown, result?: unknown) => void

class NullClient extends EventEmitter {
  connect(): Promise<void> {
    return Promise.resolve()
  }
  /** As node-postgres makes its promise, so that a guard which calls back is compared with what it replaces. */
  query(_sql: unknown, parameters?: unknown, callback?: unknown): Promise<unknown> | undefined {
    const given = typeof parameters === 'function' ? parameters : callback
    if (typeof given === 'function') {
      process.nextTick(given, null, answer)
      return undefined
    }
    return new Promise((resolve, reject) => {
      const back: Callback = (error, result) => (error ? reject(error) : resolve(result))
      process.nextTick(back, null, answer)
    }).catch((error: unknown) => {
      throw error
    })
  }
  release(): void {}
  end(): Promise<void> {
    return Promise.resolve()
  }
}

/** Tells of its client as the pool of node-postgres does, so that the client is guarded too. */
class NullPool extends NullClient {
  readonly totalCount = 1
  readonly idleCount = 1
  readonly waitingCount = 0
  readonly #client = new NullClient()
  readonly #release = (): void => {
    this.emit('release', undefined, this.#client)
  }
  override connect(callback?: unknown): Promise<never> {
    const client = this.#client
    this.emit('acquire', client)
    if (typeof callback === 'function') callback(null, client, this.#release)
    return Promise.resolve(client as never)
  }
  override end(callback?: unknown): Promise<void> {
    if (typeof callback === 'function') callback()
    return Promise.resolve()
  }
}

/** What TypeORM needs of the driver `pg`, without a database: every answer is there at once. */
export const nullPg: object = { Client: NullClient, Pool: NullPool, types: {}, defaults: {} }
