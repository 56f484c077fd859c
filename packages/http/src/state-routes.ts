import type { Cluster } from '@quiesce/core'
import type { Answer } from './answer.ts'
import { pathOf, queryOf } from './request-path.ts'
import type { RequestReader } from './request-reader.ts'
import { describeState } from './state-document.ts'
import { resolveStateOptions, type StateOptions } from './state-options.ts'
import { createStateStreams, type StateStreams } from './state-streams.ts'

/** What a state route answers: a whole response, or one that goes on. */
export type StateAnswer =
  | { readonly kind: 'whole'; readonly answer: Answer }
  | {
      readonly kind: 'stream'
      readonly headers: Readonly<Record<string, string>>
      readonly open: (sink: Parameters<StateStreams['open']>[0]) => () => void
    }

/** The routes for the state and the health of a node. */
export interface StateRoutes<R> {
  /** By path, for routers of a framework's own. */
  readonly byPath: ReadonlyMap<string, (request: R) => StateAnswer>
  /** Answers a GET or HEAD of one of them; `undefined` for every other request. */
  find(request: R): StateAnswer | undefined
}

const json = { 'content-type': 'application/json', 'cache-control': 'no-cache' }
const streamHeaders = {
  'content-type': 'text/event-stream',
  // Compression and proxies would hold events back.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

/**
 * Makes the routes: `state`, `state/stream`, `health/live` and `health/ready` below `basePath`, for GET and HEAD.
 *
 * Liveness is always 200. Readiness is too, also while read-only; only a node that cannot vouch for the mode may be made
 * to fail by option, and a load balancer that wants no reads either asks with `?read-only=503`.
 */
export function createStateRoutes<R>(cluster: Cluster, input: StateOptions, reader: RequestReader<R>): StateRoutes<R> {
  const options = resolveStateOptions(input)
  const streams = createStateStreams(cluster, options)

  const state = (request: R): StateAnswer => {
    const { document, tag } = describeState(cluster.state, options)
    const known = reader
      .header(request, 'if-none-match')
      ?.split(',')
      .map((each) => each.trim().replace(/^W\//, ''))
    const isKnown = known?.includes(tag) === true || known?.includes('*') === true
    const headers = { ...json, etag: tag }
    return whole(
      isKnown ? { status: 304, headers, body: '' } : { status: 200, headers, body: JSON.stringify(document) },
    )
  }
  const stream = (request: R): StateAnswer => {
    if (streams.isFull)
      return whole({ status: 503, headers: { ...json, 'retry-after': '5' }, body: '{"status":"full"}' })
    if (reader.method(request) === 'HEAD') return whole({ status: 200, headers: streamHeaders, body: '' })
    const lastEventId = reader.header(request, 'last-event-id')
    return { kind: 'stream', headers: streamHeaders, open: (sink) => streams.open(sink, lastEventId) }
  }
  const ready = (request: R): StateAnswer => {
    const { mode, health, epoch } = cluster.state
    const optsOut = new URLSearchParams(queryOf(reader.target(request))).get('read-only') === '503'
    const isLost = health === 'lease-lost' || health === 'state-lost'
    const lost = isLost ? options.readyWithoutLease : 200
    const frozen = optsOut && mode !== 'read-write' && mode !== 'starting' ? 503 : 200
    const status = Math.max(lost, frozen)
    const body = JSON.stringify({ status: status === 200 ? 'ready' : 'not ready', mode, health, epoch })
    return whole({ status, headers: json, body })
  }
  const byPath = new Map<string, (request: R) => StateAnswer>([
    [`${options.basePath}/state`, state],
    [`${options.basePath}/state/stream`, stream],
    [`${options.basePath}/health/live`, () => whole({ status: 200, headers: json, body: '{"status":"alive"}' })],
    [`${options.basePath}/health/ready`, ready],
  ])
  return {
    byPath,
    find(request) {
      const method = reader.method(request)
      if (method !== 'GET' && method !== 'HEAD') return undefined
      return byPath.get(pathOf(reader.target(request)))?.(request)
    },
  }
}

function whole(answer: Answer): StateAnswer {
  return { kind: 'whole', answer }
}
