import { setTimeout as delay } from 'node:timers/promises'
import type { Client, Pool } from 'pg'

/** A connection that leads nowhere never answers a goodbye; after this it is dropped. */
const GOODBYE_MS = 1000

/** Ends a connection, by force when the server does not answer; never fails. */
export async function endClient(client: Client): Promise<void> {
  const ended = client.end().then(
    () => true,
    () => true,
  )
  if ((await Promise.race([ended, delay(GOODBYE_MS, false, { ref: false })])) === false) destroy(client)
}

/** Ends a pool and its connections, likewise. */
export async function endPool(pool: Pool): Promise<void> {
  const { _clients: clients = [] } = pool as unknown as { readonly _clients?: readonly Client[] }
  const known = [...clients]
  const ended = pool.end().then(
    () => true,
    () => true,
  )
  if ((await Promise.race([ended, delay(GOODBYE_MS, false, { ref: false })])) === false) known.forEach(destroy)
}

/** pg has no public way to give a connection up without a word. */
function destroy(client: Client): void {
  const { connection } = client as unknown as { connection?: { stream?: { destroy?: () => void } } }
  connection?.stream?.destroy?.()
}
