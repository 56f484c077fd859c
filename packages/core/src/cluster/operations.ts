import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import type { EventSource } from './events.ts'

/** What takes its time and is worth a span. */
export type OperationName = 'freeze' | 'thaw' | 'lock' | 'run'

/** One operation as instrumentation sees it; what is known only at its end (`result`, `error`) is added there. */
export interface Operation extends EventSource {
  readonly operation: OperationName
  readonly data: Readonly<Record<string, unknown>>
}

/** Runs an operation's work in a context of its own, e.g. that of a span; gives back what the work gives. */
export type Around = <T>(operation: Operation, work: () => Promise<T>) => Promise<T>

/** Runs the operations of one cluster so that others can watch them. */
export interface Operations {
  /**
   * Runs `work` as an operation: inside all wrappers, and on the tracing channel `quiesce:<operation>` if anybody
   * subscribes there.
   */
  perform<T>(operation: OperationName, data: Operation['data'], work: () => Promise<T>): Promise<T>
  /** Runs each operation inside `wrapper` from now on; returns what ends that. */
  around(wrapper: Around): () => void
}

/** Makes the operations of one cluster. */
export function createOperations(source: () => EventSource): Operations {
  const wrappers = new Set<Around>()
  const channels = new Map<OperationName, TracingChannel<unknown, Operation>>()
  const channelOf = (name: OperationName): TracingChannel<unknown, Operation> => {
    let found = channels.get(name)
    if (found === undefined) {
      found = tracingChannel(`quiesce:${name}`)
      channels.set(name, found)
    }
    return found
  }
  return {
    perform(name, data, work) {
      const channel = channelOf(name)
      if (wrappers.size === 0 && !channel.hasSubscribers) return work()
      const operation: Operation = { ...source(), operation: name, data }
      const wrapped = [...wrappers].reduce<typeof work>((inner, wrapper) => () => wrapper(operation, inner), work)
      return channel.hasSubscribers ? channel.tracePromise(wrapped, operation) : wrapped()
    },
    around(wrapper) {
      wrappers.add(wrapper)
      return () => wrappers.delete(wrapper)
    },
  }
}
