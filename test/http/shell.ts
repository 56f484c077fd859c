import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Cluster } from '@quiesce/core'
import type { HttpOptions, StateOptions } from '@quiesce/http'

/**
 * A route that every shell serves: what `handle` gives is sent as text, what it throws goes the framework's way, after it
 * has set headers of the response.
 */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  readonly path: string
  handle(setHeader: (name: string, value: string) => void): string | Promise<string>
}

/** The application that every shell runs. */
export interface ShellApplication {
  readonly cluster: Cluster
  readonly options: HttpOptions
  readonly state?: StateOptions
  readonly routes: readonly Route[]
}

/** A server that runs it. */
export interface RunningShell {
  readonly port: number
  close(): Promise<void>
}

/** One framework (or version of it) with our shell for it, as a row of the suite. */
export interface Shell {
  readonly name: string
  /** There is no response yet when a handler throws, so that headers which it has set are gone. */
  readonly losesHeaders?: boolean
  /** The framework asks us for requests of its routes only. */
  readonly onlyKnownRoutes?: boolean
  start(application: ShellApplication): Promise<RunningShell>
}

/** Listens on a free port. */
export async function listening(server: Server): Promise<RunningShell> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
