import { gateOf } from '@quiesce/core/adapter'
import { createClientPair } from './client-pair.ts'
import { createWriteHook, type HookedClient } from './write-hook.ts'

/** What makes something a Prisma client here. */
export interface PrismaClientLike {
  $extends: unknown
}

/**
 * The same as {@link readOnlyMode} for a client that must keep its type and its `$on`, as a service class does.
 *
 * Use the returned client; the one that was passed in refuses too, but without early errors.
 *
 * @throws QuiesceError `QUIESCE_GUARD_MISSING` if the client's adapter is not guarded by `cluster`.
 * @example
 * const prisma = guardClient(new PrismaClient({ adapter: guardAdapter(cluster, factory), log }), cluster)
 */
export function guardClient<C extends PrismaClientLike>(client: C, cluster: object): C {
  const gate = gateOf(cluster)
  const hook = createWriteHook(gate, client as HookedClient)
  // The real signature is generated with each client; this is the part of it that is called here.
  const { $extends } = client as { $extends(extension: object): C }
  const hooked = $extends.call(client, { name: 'quiesce', query: { $allOperations: hook } })
  return createClientPair(gate, client, hooked)
}
