import { Prisma } from '@prisma/client/extension'
import { gateOf } from '@quiesce/core/adapter'
import type { ClientInternals } from './client-internals.ts'
import { createClientPair } from './client-pair.ts'
import { createWriteHook } from './write-hook.ts'

/**
 * A client extension that refuses protected writes early while the cluster is read-only, naming model, fields and path.
 *
 * The guarantee is the guarded driver adapter's, which it demands; this adds better errors at no cost while the cluster
 * is read-write. Apply it last, so that it sees what other extensions make of the arguments. Extended clients have no
 * `$on`; to keep it, use {@link guardClient} instead.
 *
 * @throws QuiesceError `QUIESCE_GUARD_MISSING`, when it is applied, if the client's adapter is not guarded by `cluster`.
 * @example
 * const adapter = guardAdapter(cluster, new PrismaPg({ connectionString }))
 * export const prisma = new PrismaClient({ adapter }).$extends(readOnlyMode(cluster))
 */
export function readOnlyMode(cluster: object) {
  const gate = gateOf(cluster)
  return Prisma.defineExtension((client) => {
    const hook = createWriteHook(gate, client as ClientInternals)
    const hooked = client.$extends({ name: 'quiesce', query: { $allOperations: hook } })
    // Both have the same members: a query hook doesn't change a client's type.
    return createClientPair<object>(gate, client, hooked) as typeof hooked
  })
}
