import type { Client } from 'pg'
import type { Cancel } from '../../domain/clock.ts'
import type { Subscription } from '../../domain/executor.ts'
import { endClient } from './end-client.ts'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000

/** Keeps one listening connection, made anew with growing pauses when it breaks; never more than one at a time. */
export async function listenForever(
  connect: () => Promise<Client>,
  channel: string,
  onMessage: (payload: string) => void,
): Promise<Subscription> {
  let current: Client | undefined
  let cancelRetry: Cancel = () => {}
  let closed = false
  let pauseMs = FIRST_PAUSE_MS

  /** Only the newest connection may ask for the next one, and only once. */
  const retry = (failed: Client | undefined): void => {
    if (failed !== undefined && failed !== current) return
    current = undefined
    if (failed !== undefined) endClient(failed)
    cancelRetry()
    if (closed) return
    const timer = setTimeout(() => void open(), pauseMs)
    timer.unref()
    cancelRetry = () => clearTimeout(timer)
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }
  const open = async (): Promise<void> => {
    let fresh: Client | undefined
    try {
      fresh = await connect()
      if (closed) return
      const client = fresh
      current = client
      client.on('error', () => retry(client))
      client.on('end', () => retry(client))
      client.on('notification', ({ payload }) => onMessage(payload ?? ''))
      await client.connect()
      await client.query(`LISTEN ${channel}`)
      unreference(client)
      pauseMs = FIRST_PAUSE_MS
    } catch {
      if (fresh === undefined || fresh === current) retry(fresh)
    }
  }
  await open()
  return {
    async close() {
      closed = true
      cancelRetry()
      const open = current
      current = undefined
      if (open !== undefined) await endClient(open)
    },
  }
}

/** Lets the process end although the connection listens; pg has no public way for a client outside a pool. */
function unreference(client: Client): void {
  const { connection } = client as unknown as { connection?: { stream?: { unref?: () => void } } }
  connection?.stream?.unref?.()
}
