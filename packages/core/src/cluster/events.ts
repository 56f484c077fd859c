import { EventEmitter } from 'node:events'
import type { GateMode } from '../domain/admission.ts'
import type { Logger } from '../domain/logger.ts'
import type { ReadOnlyError } from '../domain/read-only-error.ts'

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
  /** The node told the cluster that it has nothing in flight since this epoch. */
  acked: { readonly epoch: string }
  /** This node ended (or kept) the freeze of a holder whose lease ran out, or one whose deadline passed. */
  takeover: { readonly freezeIds: readonly string[] }
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
  /** Something in the background failed and is tried again. */
  warning: { readonly message: string; readonly error: unknown }
}

/** Delivers events; a listener that throws disturbs nobody. */
export interface EventHub {
  emit<K extends keyof ClusterEvents>(name: K, event: ClusterEvents[K]): void
  on<K extends keyof ClusterEvents>(name: K, listener: (event: ClusterEvents[K]) => void): () => void
}

/** Makes a hub that logs what listeners throw. */
export function createEventHub(logger: Logger): EventHub {
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    emit(name, event) {
      for (const listener of emitter.listeners(name)) {
        try {
          listener(event)
        } catch (error) {
          logger.error({ error, event: name }, 'a listener of the cluster threw')
        }
      }
    },
    on(name, listener) {
      emitter.on(name, listener)
      return () => emitter.off(name, listener)
    },
  }
}
