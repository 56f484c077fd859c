import { expect, test } from 'vitest'
import { createEventHub } from '../../src/cluster/events.ts'
import { createFenceJanitor } from '../../src/cluster/fence-janitor.ts'
import type { FenceBackend } from '../../src/domain/fence.ts'
import { markName } from '../../src/domain/fence-mark.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import type { Snapshot } from '../../src/domain/snapshot.ts'
import type { CoordinationStore } from '../../src/domain/store.ts'
import { createFakeClock } from '../../src/testing/fake-clock.ts'

const SPREAD_MS = 100
const mark = { scope: 'aaaaaaaa', epoch: '7', freeze: '0123456789ab' }
const token = { epoch: '8', nonce: 'n', database: 'd' }
const thawed = { token, database: 'd', primary: true, registered: true, mode: 'read-write', freezes: [] } as Snapshot

/** A janitor that sees a fence of these sizes, one after the other; 0: it is gone. */
function janitorOver(sizes: readonly number[], state: () => Snapshot = () => thawed) {
  const clock = createFakeClock()
  const lowered: string[] = []
  let looks = 0
  const backend: Pick<FenceBackend, 'scope' | 'standing'> = {
    scope: mark.scope,
    async standing() {
      const size = sizes[Math.min(looks++, sizes.length - 1)] ?? 0
      const tables = Array.from({ length: size }, (_, n) => ({ schema: 's', table: `t${n}` }))
      return size === 0 ? [] : [{ mark, tables, passable: false }]
    },
  }
  const store: Pick<CoordinationStore, 'read'> = { read: async () => state() }
  const janitor = createFenceJanitor({
    backends: [backend as FenceBackend],
    store: store as CoordinationStore,
    lowering: { lower: async (one) => void lowered.push(markName(one)), close: async () => {} },
    clock,
    events: createEventHub(silentLogger, () => ({ namespace: 'n', nodeId: 'node' })),
    lateMs: 60_000,
    spreadMs: SPREAD_MS,
  })
  return {
    janitor,
    lowered,
    looks: () => looks,
    /** Lets the looks happen that are due within this time. */
    async pass(ms: number) {
      for (let at = 0; at < ms; at += SPREAD_MS / 4) {
        clock.advance(SPREAD_MS / 4)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

test('leaves a fence alone that somebody is lowering (catches every node of a cluster helping at once)', async () => {
  const { janitor, lowered, looks, pass } = janitorOver([30, 20, 10, 0])
  janitor.observe(thawed)
  await pass(10 * SPREAD_MS)
  expect(looks()).toBe(4)
  expect(lowered).toEqual([])
})

test('lowers a fence that nobody has touched from one look to the next', async () => {
  const { janitor, lowered, pass } = janitorOver([30, 20, 20])
  janitor.observe(thawed)
  await pass(10 * SPREAD_MS)
  expect(lowered).toEqual([markName(mark)])
})

test('lowers at once what a node ended in the place of a dead holder', async () => {
  const { janitor, lowered } = janitorOver([30])
  await janitor.lookNow()
  expect(lowered).toEqual([markName(mark)])
})

test('leaves a fence alone that is later than the state, until the state is later (catches a state that was set back)', async () => {
  let state: Snapshot = { ...thawed, token: { ...token, epoch: '6' } }
  const { janitor, lowered, pass } = janitorOver([30], () => state)
  janitor.observe(state)
  await pass(5 * SPREAD_MS)
  await janitor.lookNow()
  expect(lowered).toEqual([])
  expect(janitor.laterEpoch).toBe(mark.epoch)
  state = thawed
  await pass(5 * SPREAD_MS)
  expect(new Set(lowered)).toEqual(new Set([markName(mark)]))
  expect(janitor.laterEpoch).toBeUndefined()
})

test('looks no more once it is closed', async () => {
  const { janitor, looks, pass } = janitorOver([30, 20, 10, 0])
  janitor.observe(thawed)
  await pass(SPREAD_MS)
  const before = looks()
  janitor.close()
  await pass(10 * SPREAD_MS)
  expect(looks()).toBe(before)
})
