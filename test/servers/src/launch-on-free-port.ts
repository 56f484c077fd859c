import { freePort } from './free-port.ts'
import { type Command, launchServer, type ServerLaunch, type ServerProcess } from './server-process.ts'
import { TestServerError } from './test-server-error.ts'

/** Where to listen, and when to give up. */
export interface LaunchOptions {
  /** TCP port on 127.0.0.1. Default: a free one. */
  readonly port?: number
  /** Gives up the start; it has no effect once the server is ready. */
  readonly signal?: AbortSignal
}

/** A launch whose port is yet to be found. */
export interface LaunchDraft extends Omit<ServerLaunch, 'port' | 'command'> {
  readonly command: (port: number) => Command | Promise<Command>
}

/** Starts a server; tries again with another port when somebody took the free one in the meantime. */
export async function launchOnFreePort(
  draft: LaunchDraft,
  options: LaunchOptions,
): Promise<{ readonly launch: ServerLaunch; readonly process: ServerProcess }> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    const launch = { ...draft, port, command: await draft.command(port) }
    try {
      return { launch, process: await launchServer(launch, options.signal) }
    } catch (error) {
      const isTaken = error instanceof TestServerError && /address already in use/i.test(error.output)
      if (!isTaken || options.port !== undefined || attempt === 5) throw error
    }
  }
}
