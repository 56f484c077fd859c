import { connect, createServer, type Server, type Socket } from 'node:net'
import { OneWayPipe } from './one-way-pipe.ts'
import { TestServerError } from './test-server-error.ts'

/** Where the proxy forwards to. */
export interface ProxyTarget {
  readonly host: string
  readonly port: number
}

/** A TCP proxy that fails on command; faults apply to present and to new connections. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number
  /** Returns the same URL, but through this proxy. */
  url(targetUrl: string): string
  /** Black hole: connections stay open and nothing gets through. */
  pause(): void
  /** Holds what clients send; answers still get through. */
  pauseUpstream(): void
  /** Holds what the server sends; requests still get through. */
  pauseDownstream(): void
  /** Ends every pause and delivers what was held. */
  resume(): void
  /** Black hole for the present connections alone, as a firewall that forgot them; new ones get through. `resume` or `reset` ends it. */
  strand(): void
  /** Breaks all present connections with a TCP reset, on both sides. */
  reset(): void
  /** Stops (`true`) or starts (`false`) listening: new connections get ECONNREFUSED, present ones go on. */
  refuse(refusing: boolean): Promise<void>
  /** Breaks all connections and frees the port. */
  close(): Promise<void>
}

/** Starts a proxy on a free port of 127.0.0.1. */
export async function startFaultProxy(target: ProxyTarget): Promise<FaultProxy> {
  const proxy = new TcpFaultProxy(target)
  await proxy.refuse(false)
  return proxy
}

interface Connection {
  readonly client: Socket
  readonly server: Socket
  readonly upstream: OneWayPipe
  readonly downstream: OneWayPipe
}

class TcpFaultProxy implements FaultProxy {
  readonly #target: ProxyTarget
  readonly #connections = new Set<Connection>()
  #listener: Server | undefined
  #port = 0
  #holdsUpstream = false
  #holdsDownstream = false

  constructor(target: ProxyTarget) {
    this.#target = target
  }

  get port(): number {
    return this.#port
  }

  url(targetUrl: string): string {
    const url = new URL(targetUrl)
    url.hostname = '127.0.0.1'
    url.port = String(this.#port)
    return url.href
  }

  pause(): void {
    this.pauseUpstream()
    this.pauseDownstream()
  }

  pauseUpstream(): void {
    this.#holdsUpstream = true
    for (const { upstream } of this.#connections) upstream.hold()
  }

  pauseDownstream(): void {
    this.#holdsDownstream = true
    for (const { downstream } of this.#connections) downstream.hold()
  }

  resume(): void {
    this.#holdsUpstream = false
    this.#holdsDownstream = false
    for (const { upstream, downstream } of this.#connections) {
      upstream.release()
      downstream.release()
    }
  }

  strand(): void {
    for (const { upstream, downstream } of this.#connections) {
      upstream.hold()
      downstream.hold()
    }
  }

  reset(): void {
    for (const { client, server } of this.#connections) {
      breakOff(client)
      breakOff(server)
    }
  }

  async refuse(refusing: boolean): Promise<void> {
    if (refusing) {
      // The callback would wait for the connections; the port is free at once.
      this.#listener?.close()
      this.#listener = undefined
    } else if (this.#listener === undefined) {
      this.#listener = createServer({ allowHalfOpen: true }, (client) => this.#accept(client))
      this.#port = await listen(this.#listener, this.#port)
    }
  }

  async close(): Promise<void> {
    await this.refuse(true)
    this.reset()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #accept(client: Socket): void {
    const server = connect({ ...this.#target, allowHalfOpen: true, noDelay: true })
    client.setNoDelay(true)
    for (const socket of [client, server]) {
      // The event 'close' follows and says the same.
      socket.on('error', () => undefined)
    }
    const connection = {
      client,
      server,
      upstream: new OneWayPipe(client, server, this.#holdsUpstream),
      downstream: new OneWayPipe(server, client, this.#holdsDownstream),
    }
    this.#connections.add(connection)
    const forget = (): void => {
      if (client.destroyed && server.destroyed) this.#connections.delete(connection)
    }
    client.on('close', forget)
    server.on('close', forget)
  }
}

function breakOff(socket: Socket): void {
  if (socket.connecting) socket.destroy()
  else if (!socket.destroyed) socket.resetAndDestroy()
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `The fault proxy cannot listen on 127.0.0.1:${port}: ${cause.message}. Close whatever uses the port.`
      reject(new TestServerError('PROXY_FAILED', message, { cause }))
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
