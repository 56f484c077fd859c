import { afterAll, describe, expect, test } from 'vitest'
import { CLOCK_RATE_MARGIN } from '../../packages/core/src/domain/lease.ts'
import { databases, fastOptions, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { nodeProcesses } from '../support/node-process.ts'

const IN_FLIGHT = 10_000
const options = { ...fastOptions, nodeLeaseMs: 3000, freezeLeaseMs: 6000 }
const processes = nodeProcesses()
afterAll(() => processes.endAll())

describe.runIf(isLong).each(databases)('on %s', (kind) => {
  test('a node that dies with 10,000 writes in flight keeps nobody waiting past its lease (catches waiting for the writes of the dead)', async () => {
    const db = await testDatabase('crowd', kind)
    const cluster = db.cluster(options)
    await cluster.start()
    const crowded = processes.spawn({ url: db.url, guard: 'driver', cluster: options, sendDelayMs: 60_000 })
    const { nodeId } = await crowded.call('start')
    await crowded.call('startLoad', IN_FLIGHT)
    const startedAt = performance.now()
    const freezing = cluster.freeze({ reason: 'x', fence: 'off', drainTimeoutMs: 60_000, ackTimeoutMs: 90_000 })
    const inFlight = async (): Promise<number> => (await cluster.nodes()).find(({ id }) => id === nodeId)?.inFlight ?? 0
    await eventually('it has told of its writes', async () => (await inFlight()) > IN_FLIGHT / 4, 30_000)
    await crowded.kill()
    const diedMs = performance.now() - startedAt
    const freeze = await freezing
    const waitedMs = freeze.timings.ackedMs - diedMs
    expect(freeze.lost).toEqual([nodeId])
    // The lease, the margin for clocks, the longest life of a write; and looks that are 250 ms apart.
    expect(waitedMs).toBeLessThan(options.nodeLeaseMs * (1 + CLOCK_RATE_MARGIN) + options.writeBoundMs + 500)
    console.log(`${kind}: given up ${waitedMs.toFixed(0)} ms after the death of the node`)
    await freeze.thaw()
    await db.drop()
  })
})
