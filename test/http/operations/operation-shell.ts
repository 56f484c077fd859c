import type { Cluster } from '@quiesce/core'

/** What the procedures and resolvers of every row do. */
export interface OperationApplication {
  readonly cluster: Cluster
  readonly handled: string[]
  readonly allow: readonly string[]
}

/** What a client sees of one operation. */
export interface Seen {
  readonly status: number
  readonly headers: Headers
  /** The value, or the problem where it was refused; `error` is any other failure. */
  readonly value?: unknown
  readonly problem?: unknown
  readonly message?: unknown
  readonly error?: unknown
}

/** One framework with our shell for it. */
export interface OperationShell {
  readonly name: string
  /** Starts the server; the client's calls go over real HTTP. */
  start(application: OperationApplication): Promise<OperationClient>
}

export interface OperationClient {
  readonly url: string
  /** `orders` is a query; `createOrder`, `login` and `deep` are mutations; `broken` is a query that fails. */
  call(name: string): Promise<Seen>
  /** A query and a mutation in one request. */
  batch(): Promise<readonly Seen[]>
  close(): Promise<void>
}

/** What every shell's handlers do; `deep` passes the door, and is refused below. */
export function handlerOf(name: string, { cluster, handled }: OperationApplication): () => string {
  return () => {
    if (name === 'broken') throw new Error('secret')
    if (name === 'deep') cluster.assertWritable('a mail')
    handled.push(name)
    return 'ok'
  }
}

export const queries: readonly string[] = ['orders', 'broken']
export const mutations: readonly string[] = ['createOrder', 'login', 'deep']
