import pg from 'pg'

/**
 * A pool of node-postgres for a test that drops its database: a connection that still says goodbye then is cut off, and a
 * pool without a listener would end the run with that.
 */
export function quietPool(config: pg.PoolConfig): pg.Pool {
  return new pg.Pool(config).on('error', () => {})
}
