import type { Cluster } from '@quiesce/core'

/** A running application of an example. */
export interface Example {
  /** Where its server listens, e.g. `http://127.0.0.1:3000`. */
  readonly url: string
  /** The cluster that the tour freezes: a maintenance job would use one of its own. */
  readonly cluster: Cluster
  close(): Promise<void>
}

/** What the tour asks the application for. */
export interface TourOptions {
  /** Requests that write, and are refused while the cluster is read-only. */
  readonly writes: readonly string[]
  /** A request that only reads. */
  readonly reads: string
  /** A request that writes and may, if there is one. */
  readonly allowed?: string
  /** Tells what happens. */
  readonly say: (line: string) => void
}

/** The statuses that the tour saw, by what was asked and when. */
export interface Tour {
  readonly before: readonly number[]
  readonly during: readonly number[]
  readonly read: number
  readonly allowed: number | undefined
  readonly after: readonly number[]
  /** What the first refusal said. */
  readonly problem: { readonly code?: string; readonly freezeId?: string }
}

/** Writes, freezes, tries to write, thaws and writes again, as clients of the application would. */
export async function tour(example: Example, { writes, reads, allowed, say }: TourOptions): Promise<Tour> {
  const ask = async (request: string): Promise<Response> => {
    const [method = 'GET', path = '/'] = request.split(' ')
    const body = method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, body: '{"item":"book"}' }
    const response = await fetch(example.url + path, { method, ...body })
    say(`  ${request}: ${response.status} ${await response.clone().text()}`)
    return response
  }
  const statuses = async (): Promise<readonly number[]> => {
    const all: number[] = []
    for (const write of writes) all.push((await ask(write)).status)
    return all
  }
  say('read-write')
  const before = await statuses()
  const freeze = await example.cluster.freeze({ reason: 'move to another database', owner: 'tour' })
  say(`frozen: ${freeze.acks.length} node(s), guarantee ${freeze.guarantee}`)
  const during = await statuses()
  const problem = (await (await ask(writes[0] ?? '')).json()) as Tour['problem']
  const read = (await ask(reads)).status
  const allowedStatus = allowed === undefined ? undefined : (await ask(allowed)).status
  await freeze.thaw()
  say('thawed')
  const after = await statuses()
  return { before, during, read, allowed: allowedStatus, after, problem }
}
