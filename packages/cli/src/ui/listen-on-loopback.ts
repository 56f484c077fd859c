import { once } from 'node:events'
import type { Server } from 'node:http'
import { misuse } from '../usage-error.ts'

/** Listens where only this machine reaches it; the address. @throws QuiesceError `QUIESCE_CONFIG` when the port is taken. */
export async function listenOnLoopback(server: Server, port: number): Promise<string> {
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    throw misuse(
      `Port ${port} cannot be used: ${error instanceof Error ? error.message : error}. Give another with --port.`,
    )
  }
  const address = server.address()
  // A server that listens on a port has such an address.
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}/`
}
