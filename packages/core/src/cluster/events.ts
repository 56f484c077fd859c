import { type Channel, channel } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import type { GateMode } from '../domain/admission.ts'
import type { Guarantee } from '../domain/guarantee.ts'
import type { Logger } from '../domain/logger.ts'
import type { ReadOnlyError } from '../domain/read-only-error.ts'
import type { RecoveryState } from '../domain/recovery-state.ts'
import type { FreezeKind } from '../domain/snapshot.ts'
import type { TableWrite } from '../domain/table-write.ts'
import type { Ending } from '../domain/transition.ts'
import type { Alert } from './alert.ts'
import type { FreezeTimings } from './freeze.ts'
import type { RecoverySubject } from './recovery-monitor.ts'

/** Which freeze an event is about. */
export interface FreezeSubject {
  readonly freezeId: string
  readonly kind: FreezeKind
  readonly reason: string
  readonly owner: string
}

/** A write of this process that a driver sent and that no guard had been asked about. */
export interface UnguardedWrite {
  /** The database system that the driver speaks to, as OpenTelemetry names it: `mysql`. */
  readonly system: string
  /** As `schema.table` where the statement names the schema; `undefined` for a schema change. */
  readonly table: string | undefined
  readonly operation: string
  /** `file:line:column` of the application's code; `undefined` where the stack does not reach it. */
  readonly callSite: string | undefined
}

/** What a cluster tells its process, by name. */
export interface ClusterEvents {
  /** The node's mode changed. */
  mode: { readonly mode: GateMode; readonly epoch: string | undefined }
  /** A write was refused. */
  refused: ReadOnlyError
  /** A node that only reports has let pass what it would have refused; `count` is how often this table and operation. */
  'would-refuse': { readonly error: ReadOnlyError; readonly callSite: string | undefined; readonly count: number }
  /** A write was answered as done with nothing sent, because the policy `skip` names its table. */
  skipped: { readonly operation: string; readonly table: string }
  /**
   * A write passed although the cluster is not read-write: it is exempt, or its transaction had written before the
   * freeze and has time left, or it is the freeze's own run (`grace`). Writes in read-write mode are not told.
   */
  exempt: { readonly writes: readonly TableWrite[]; readonly because: 'exempt' | 'grace' }
  /** A driver sent a write that no guard had been asked about; told only to who looks for them. */
  unguarded: UnguardedWrite
  /** The node told the cluster that it has nothing in flight since this epoch. */
  acked: { readonly epoch: string }
  /** The node renewed its lease; `lagMs` is how long after it was due the database had answered. */
  heartbeat: { readonly lagMs: number }
  /** This process begins a freeze. */
  freezing: FreezeSubject
  /** This process holds a freeze. */
  frozen: FreezeSubject & {
    readonly epoch: string
    readonly guarantee: Guarantee
    readonly timings: FreezeTimings
    readonly acks: number
    readonly lost: readonly string[]
    readonly unregistered: number
  }
  /** A freeze of this process came to nothing and was undone. */
  'freeze-failed': FreezeSubject & { readonly afterMs: number; readonly error: unknown }
  /** A freeze that this process held is over, or not certain any more, without its doing. */
  'freeze-lost': FreezeSubject & { readonly heldMs: number }
  /** This process ended a freeze; `heldMs` when it had made it. */
  thawed: { readonly freezeId: string; readonly why: Ending['why']; readonly heldMs: number | undefined }
  /** This node ended (or kept) the freeze of a holder whose lease ran out, or one whose deadline passed. */
  takeover: { readonly freezeIds: readonly string[] }
  /** This process was given a lock; `takenOverFrom` is the node whose lease on it had run out. */
  'lock-acquired': LockSubject & { readonly waitedMs: number; readonly takenOverFrom: string | undefined }
  /** This process was not given a lock. */
  'lock-failed': { readonly name: string; readonly waitedMs: number; readonly error: unknown }
  /** A lock of this process is lost, or not certain any more. */
  'lock-lost': LockSubject & { readonly heldMs: number }
  /** This process gave a lock back. */
  'lock-released': LockSubject & { readonly heldMs: number }
  /** The node could not renew its lease in time and refuses writes. */
  'lease-lost': { readonly nodeId: string }
  /** The state in the database went backwards, is damaged, or belongs to another database; writes are refused. */
  'state-lost': { readonly why: string }
  /** A fence is being raised or lowered: so many of its tables are done. */
  fence: {
    readonly freezeId: string
    readonly phase: 'raising' | 'lowering'
    readonly done: number
    readonly all: number
  }
  /** A failure went one step through its recovery: of a freeze's holder, or of this node's link to the database. */
  recovery: RecoverySubject & { readonly from: RecoveryState; readonly to: RecoveryState }
  /** People should know; also sent to `alerts.webhook`. */
  alert: Alert
  /** Something in the background failed and is tried again. */
  warning: { readonly message: string; readonly error: unknown }
}

/** Which lock an event is about. */
export interface LockSubject {
  readonly name: string
  readonly token: string
}

/** Delivers events; a listener that throws disturbs nobody. */
export interface EventHub {
  emit<K extends keyof ClusterEvents>(name: K, event: ClusterEvents[K]): void
  on<K extends keyof ClusterEvents>(name: K, listener: (event: ClusterEvents[K]) => void): () => void
}

/** A logger may throw as well (its transport has ended), and must not turn a refusal or a heartbeat into its error. */
function tell(logger: Logger, event: string, error: unknown): void {
  try {
    logger.error({ err: error, event }, 'a listener of the cluster threw')
  } catch {}
}

/** Which cluster of the process speaks, for those who listen to all. */
export interface EventSource {
  readonly namespace: string
  readonly nodeId: string
}

/**
 * Makes a hub that logs what listeners throw.
 *
 * Each event is also published on the diagnostics channel `quiesce:<event>` as `{ namespace, nodeId, event }`, if anybody
 * subscribes there.
 */
export function createEventHub(logger: Logger, source: () => EventSource): EventHub {
  const emitter = new EventEmitter().setMaxListeners(0)
  const channels = new Map<string, Channel>()
  const channelOf = (name: string): Channel => {
    let found = channels.get(name)
    if (found === undefined) {
      found = channel(`quiesce:${name}`)
      channels.set(name, found)
    }
    return found
  }
  return {
    emit(name, event) {
      const published = channelOf(name)
      if (published.hasSubscribers) published.publish({ ...source(), event })
      for (const listener of emitter.listeners(name)) {
        try {
          listener(event)
        } catch (error) {
          tell(logger, name, error)
        }
      }
    },
    on(name, listener) {
      emitter.on(name, listener)
      return () => emitter.off(name, listener)
    },
  }
}
