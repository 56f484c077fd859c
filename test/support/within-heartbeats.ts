import { QuiesceError } from '@quiesce/core'
import { eventually } from './eventually.ts'
import type { NodeProcess } from './node-process.ts'

/**
 * Waits until `probe` is true, which has to be before every one of the nodes has had more than `limit` heartbeats: a bound
 * that is as tight on a busy machine. A heartbeat counts from its answer on, so one that has something to do for others is
 * done with it when the next one counts.
 */
export async function withinHeartbeats(
  nodes: readonly NodeProcess[],
  limit: number,
  what: string,
  probe: () => Promise<boolean>,
): Promise<void> {
  const counts = (): Promise<number[]> => Promise.all(nodes.map((node) => node.call('heartbeats')))
  const before = await counts()
  await eventually(what, async () => {
    // Counted before the look, which sees what they have done.
    const passed = (await counts()).map((count, at) => count - (before[at] ?? 0))
    if (await probe()) return true
    if (passed.every((count) => count > limit))
      throw new QuiesceError(
        'QUIESCE_ABORTED',
        `${what} did not happen within ${limit} heartbeats of ${passed.length} nodes`,
      )
    return false
  })
}
