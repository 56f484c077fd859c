import { guardAdapter, readOnlyMode, type SqlDriverAdapterFactoryLike, type TransactionLike } from '@quiesce/prisma'
import type { PrismaVersion } from './prisma-version.ts'
import type { TestCluster } from './test-cluster.ts'
import type { Client } from './write-form.ts'

/** Clients on one guarded adapter, and what reached the driver. */
export interface GuardedClients {
  /** The client alone, as a library that never heard of the extension would use it. */
  readonly base: Client
  /** The client with `readOnlyMode()`. */
  readonly extended: Client
  /** The texts that were sent since the last call. */
  takeSent(): readonly string[]
  close(): Promise<void>
}

/** Connects guarded clients with a pool of at most `max` connections. */
export async function createGuardedClients(
  version: PrismaVersion,
  url: string,
  cluster: TestCluster,
  max = 3,
): Promise<GuardedClients> {
  const sent: string[] = []
  const base = version.createClient(guardAdapter(cluster, recording(version.createAdapter(url, max), sent)))
  await base.$connect()
  return {
    base,
    // An extended client has the same models; the tests use nothing else of it.
    extended: base.$extends(readOnlyMode(cluster)) as unknown as Client,
    takeSent: () => sent.splice(0),
    close: () => base.$disconnect(),
  }
}

/** Notes every statement that passes, so that a test sees what a guard in front of it lets through. */
function recording(factory: SqlDriverAdapterFactoryLike, sent: string[]): SqlDriverAdapterFactoryLike {
  const note = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_target, name) {
        const member: unknown = Reflect.get(target, name, target)
        if (typeof member !== 'function') return member
        return (...args: readonly unknown[]): unknown => {
          const [query] = args as readonly { sql?: string }[]
          if (query?.sql !== undefined) sent.push(query.sql)
          const result: unknown = member.apply(target, args)
          return name === 'startTransaction' ? (result as Promise<TransactionLike>).then(note) : result
        }
      },
    })
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => note(await factory.connect()),
  }
}
