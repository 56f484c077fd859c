import { createCluster } from '@quiesce/core'

const key = Symbol.for('shop.cluster')

/**
 * The cluster, once a process: the proxy and the route handlers are bundled apart, and share no module.
 *
 * @type {import('@quiesce/core').Cluster}
 */
export const cluster = globalThis[key] ?? start()

function start() {
  const made = createCluster({ database: process.env.DATABASE_URL, namespace: 'shop', application: 'next' })
  globalThis[key] = made
  // Until it has joined, guarded writes wait; a failure reaches them.
  made.start().catch((error) => console.error(error))
  return made
}
