import type { Cluster } from '@quiesce/core'
import { describeState, type TaggedState } from './state-document.ts'
import type { ResolvedStateOptions } from './state-options.ts'

/** One client that listens. */
export interface StreamSink {
  write(text: string): void
  /** The client, or the network before it, does not keep up. */
  readonly isClogged: boolean
  end(): void
  /** Ends without waiting for what was not delivered. */
  drop(): void
}

/** The clients that follow the state by server-sent events. */
export interface StateStreams {
  readonly isFull: boolean
  /** Sends the state, unless the client has seen this one already, and what comes; returns what detaches the client. */
  open(sink: StreamSink, lastEventId: string | undefined): () => void
}

const LOOK_MS = 1000
const RECONNECT_MS = 2000

/**
 * Makes the streams of one node: one timer for all of them, which runs only while somebody listens.
 *
 * The state is a level, not a log, so that a client which comes back needs the newest only, and one that doesn't keep up
 * is sent away to come back. All end when the cluster is closed or the signal aborts.
 */
export function createStateStreams(cluster: Cluster, options: ResolvedStateOptions): StateStreams {
  const sinks = new Set<StreamSink>()
  let stopWatching: (() => void) | undefined
  let sent: string
  let quietMs = 0

  const leave = (sink: StreamSink): void => {
    if (!sinks.delete(sink) || sinks.size > 0) return
    stopWatching?.()
    stopWatching = undefined
  }
  const send = (text: string): void => {
    quietMs = 0
    for (const sink of sinks) {
      if (!sink.isClogged) sink.write(text)
      else {
        leave(sink)
        sink.drop()
      }
    }
  }
  const endAll = (): void => {
    for (const sink of sinks) {
      leave(sink)
      sink.end()
    }
  }
  const look = (): void => {
    const state = describeState(cluster.state, options)
    if (state.tag !== sent) send(eventOf(state))
    sent = state.tag
    if (isOver()) endAll()
  }
  const isOver = (): boolean => cluster.state.mode === 'closed' || options.signal?.aborted === true
  const watch = (): (() => void) => {
    const stepMs = Math.min(LOOK_MS, options.heartbeatMs)
    const timer = setInterval(() => {
      quietMs += stepMs
      look()
      if (quietMs >= options.heartbeatMs) send(': alive\n\n')
    }, stepMs)
    timer.unref()
    const stopListening = cluster.on('mode', look)
    options.signal?.addEventListener('abort', look)
    return () => {
      clearInterval(timer)
      stopListening()
      options.signal?.removeEventListener('abort', look)
    }
  }
  return {
    get isFull() {
      return sinks.size >= options.maxStreams
    },
    open(sink, lastEventId) {
      // Whoever listens already hears of the change first, and everybody starts from the same state.
      if (sinks.size > 0) look()
      const state = describeState(cluster.state, options)
      sent = state.tag
      sink.write(`retry: ${RECONNECT_MS}\n${state.tag === lastEventId ? '\n' : eventOf(state)}`)
      if (isOver()) {
        sink.end()
        return () => {}
      }
      sinks.add(sink)
      stopWatching ??= watch()
      return () => leave(sink)
    },
  }
}

function eventOf({ document, tag }: TaggedState): string {
  return `id: ${tag}\nevent: state\ndata: ${JSON.stringify(document)}\n\n`
}
