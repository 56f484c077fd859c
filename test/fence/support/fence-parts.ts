import { createEventHub, type EventHub } from '../../../packages/core/src/cluster/events.ts'
import { systemClock } from '../../../packages/core/src/cluster/system-clock.ts'
import { chooseDialect } from '../../../packages/core/src/dialects/choose-dialect.ts'
import type { Clock } from '../../../packages/core/src/domain/clock.ts'
import type { SqlExecutor } from '../../../packages/core/src/domain/executor.ts'
import type { FenceBackend } from '../../../packages/core/src/domain/fence.ts'
import { silentLogger } from '../../../packages/core/src/domain/logger.ts'
import type { CoordinationStore } from '../../../packages/core/src/domain/store.ts'

/** What fences in a process, for tests that do what a process does which slept or died in the middle of it. */
export interface FenceParts {
  readonly executor: SqlExecutor
  readonly store: CoordinationStore
  readonly backend: FenceBackend
  readonly clock: Clock
  readonly events: EventHub
}

/** The parts of a process on this database. */
export function fenceParts(url: string, name: string): FenceParts {
  const dialect = chooseDialect(url)
  if (dialect === undefined) throw new TypeError(`no dialect for ${url}`)
  const connection = {
    applicationName: 'sleeper',
    connectionTimeoutMs: 5000,
    statementTimeoutMs: 5000,
    poolSize: 2,
    ownSessions: true,
  }
  const executor = dialect.connect(url, connection)
  const location = { schema: dialect.defaultCoordinationSchema, tablePrefix: 'quiesce_' }
  const options = { namespace: 'default', location, synchronousCommit: 'on' } as const
  const backend =
    name === 'standing' ? dialect.createStandingFence?.(executor, options) : dialect.createFence?.(executor, options)
  if (backend === undefined) throw new TypeError(`no fence ${name} here`)
  const store = dialect.createStore(executor, options)
  const events = createEventHub(silentLogger, () => ({ namespace: 'default', nodeId: 'sleeper' }))
  return { executor, store, backend, clock: systemClock, events }
}
