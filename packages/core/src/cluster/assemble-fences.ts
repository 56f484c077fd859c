import type { Dialect } from '../dialects/dialect.ts'
import type { SqlExecutor } from '../domain/executor.ts'
import type { TokenStatements } from '../domain/fence.ts'
import type { DrainContext } from './drain-cluster.ts'
import type { EventHub } from './events.ts'
import { createFenceInstaller, type FenceInstaller } from './fence-install.ts'
import { createFenceInventory, type FenceInventory } from './fence-inventory.ts'
import { createFenceJanitor, type FenceJanitor } from './fence-janitor.ts'
import { createFenceLowering } from './fence-lower.ts'
import { createFencePatrol } from './fence-patrol.ts'
import { createFenceScripts, type FenceScripts } from './fence-scripts.ts'
import { createFencer } from './fencer.ts'
import { type FenceParts, fenceRequest } from './freeze-fence.ts'
import type { ResolvedFreezeOptions } from './freeze-options.ts'
import type { ResolvedOptions } from './options.ts'

/** What fences in one process. */
export interface Fences extends FenceParts {
  /** `undefined` where the database has no fences. */
  readonly janitor: FenceJanitor | undefined
  readonly inventory: FenceInventory
  readonly installer: FenceInstaller
  readonly scripts: FenceScripts
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
  const of = { namespace, location: { schema, tablePrefix }, synchronousCommit }
  const standing = dialect.createStandingFence?.(executor, of)
  const onFreeze = dialect.createFence?.(executor, of)
  const ofSchemas = dialect.createSchemaFence?.(executor, of)
  const backends = [standing, onFreeze, ofSchemas].filter((backend) => backend !== undefined)
  const lateMs = nodeLeaseMs + writeBoundMs
  const fencer = createFencer({ ...parts, backends, watchMs: WATCH_POLLS * pollIntervalMs, lateMs })
  const lowering = backends.length === 0 ? undefined : createFenceLowering({ ...parts, backends })
  const { store, defaultSchema } = parts
  const request = (wanted: Pick<ResolvedFreezeOptions, 'exempt' | 'tables'>) =>
    fenceRequest({ options, defaultSchema }, wanted)
  const inventory = createFenceInventory({ backends, store, lowering, request })
  const installer = createFenceInstaller({ ...parts, backend: standing, request })
  const scripts = createFenceScripts({ backends, store, request })
  const [first] = backends
  if (first === undefined || lowering === undefined)
    return { fencer, scope: '', lowering, janitor: undefined, inventory, installer, scripts, present: () => undefined }
  const janitor = createFenceJanitor({ ...parts, backends, lowering, lateMs, spreadMs: pollIntervalMs })
  const patrol = createFencePatrol({ ...parts, backends, request, everyMs: WATCH_POLLS * pollIntervalMs })
  const nodes: FenceJanitor = {
    get laterEpoch() {
      return janitor.laterEpoch
    },
    lookNow: janitor.lookNow,
    observe(snapshot) {
      janitor.observe(snapshot)
      patrol.observe(snapshot)
    },
    close() {
      janitor.close()
      patrol.close()
    },
  }
  const present: Fences['present'] = (token) => first.present([token])
  return { fencer, scope: first.scope, lowering, janitor: nodes, inventory, installer, scripts, present }
}
