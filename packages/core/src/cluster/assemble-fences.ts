import type { Dialect } from '../dialects/dialect.ts'
import type { SqlExecutor } from '../domain/executor.ts'
import type { TokenStatements } from '../domain/fence.ts'
import type { DrainContext } from './drain-cluster.ts'
import type { EventHub } from './events.ts'
import { createFenceInventory, type FenceInventory } from './fence-inventory.ts'
import { createFenceJanitor, type FenceJanitor } from './fence-janitor.ts'
import { createFenceLowering } from './fence-lower.ts'
import { createFencer } from './fencer.ts'
import { type FenceParts, fenceRequest } from './freeze-fence.ts'
import type { ResolvedOptions } from './options.ts'

/** What fences in one process. */
export interface Fences extends FenceParts {
  /** `undefined` where the database has no fences. */
  readonly janitor: FenceJanitor | undefined
  readonly inventory: FenceInventory
  /** How a transaction shows a token; `undefined` where there are no fences. */
  readonly present: (token: string) => TokenStatements | undefined
}

const WATCH_POLLS = 2.5

/** Wires the parts that raise and lower fences. */
export function assembleFences(
  options: ResolvedOptions,
  dialect: Dialect,
  executor: SqlExecutor,
  parts: Omit<DrainContext, 'options'> & { readonly events: EventHub },
): Fences {
  const { namespace, schema, tablePrefix, synchronousCommit, pollIntervalMs, nodeLeaseMs, writeBoundMs } = options
  const backend = dialect.createFence?.(executor, { namespace, location: { schema, tablePrefix }, synchronousCommit })
  const fencer = createFencer({ ...parts, backend, watchMs: WATCH_POLLS * pollIntervalMs })
  const lowering = backend === undefined ? undefined : createFenceLowering({ ...parts, backend })
  const { store, defaultSchema } = parts
  const request = (wanted: Parameters<FenceInventory['survey']>[0]) => fenceRequest({ options, defaultSchema }, wanted)
  const inventory = createFenceInventory({ backend, store, lowering, request })
  if (backend === undefined || lowering === undefined)
    return { fencer, scope: '', lowering, janitor: undefined, inventory, present: () => undefined }
  const lateMs = nodeLeaseMs + writeBoundMs
  const janitor = createFenceJanitor({ ...parts, backend, lowering, lateMs, spreadMs: pollIntervalMs })
  return { fencer, scope: backend.scope, lowering, janitor, inventory, present: (token) => backend.present([token]) }
}
