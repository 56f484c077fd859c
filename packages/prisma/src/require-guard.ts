import { type Gate, QuiesceError } from '@quiesce/core/adapter'
import type { ClientInternals } from './client-internals.ts'
import { type GuardMark, guardMarkOf } from './guard-mark.ts'

/**
 * Finds the guard below a client; `undefined` when this version of Prisma doesn't show its adapter.
 *
 * @throws QuiesceError `QUIESCE_GUARD_MISSING` when the client is known to send statements past the gate.
 */
export function requireGuard(client: ClientInternals, gate: Gate): GuardMark | undefined {
  const config = client._engineConfig
  if (config === undefined) return undefined
  const mark = guardMarkOf(config.adapter)
  if (mark?.gate === gate) return mark
  throw new QuiesceError('QUIESCE_GUARD_MISSING', `${whatIsWrong(config.adapter, mark)} ${remedy}`)
}

const remedy =
  'Create the client with `new PrismaClient({ adapter: guardAdapter(cluster, …) })`, with the same cluster as for the extension.'

function whatIsWrong(adapter: object | undefined, mark: GuardMark | undefined): string {
  if (adapter === undefined) {
    return 'This Prisma client has no driver adapter, so its raw SQL, nested writes and transactions would pass unseen while the cluster is read-only.'
  }
  return mark === undefined
    ? "This Prisma client's driver adapter is not guarded, so its raw SQL, nested writes and transactions would pass unseen while the cluster is read-only."
    : "This Prisma client's driver adapter is guarded by another cluster, so a freeze of this one would not hold its writes back."
}
