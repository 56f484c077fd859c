import { expect, test } from 'vitest'
import type { UnknownWrite } from '../../src/cluster/drain.ts'
import type { NodeGate } from '../../src/cluster/node-gate.ts'
import { createUnknownWrites } from '../../src/cluster/unknown-writes.ts'
import type { CoordinationStore, OpenWriter } from '../../src/domain/store.ts'
import { createFakeClock } from '../../src/testing/fake-clock.ts'

const writer = (id: string): OpenWriter => ({ id, pid: 1, ageMs: 1, application: '', query: undefined, tables: [] })

/** A gate with one unknown write, and a server whose open transactions the test sets. */
function subject(): {
  open: string[]
  unknown: () => number
  look: () => Promise<void>
  advance: (ms: number) => void
} {
  const clock = createFakeClock()
  const open: string[] = []
  let writes: readonly UnknownWrite[] = [{ traces: undefined, passes: undefined, atMs: clock.monotonicMs() }]
  const gate = {
    unknownWrites: () => writes,
    forgetUnknown: (gone: readonly UnknownWrite[]) => {
      writes = writes.filter((write) => !gone.includes(write))
    },
  } as Partial<NodeGate> as NodeGate
  const store = { openWriters: async () => open.map(writer) } as Partial<CoordinationStore> as CoordinationStore
  const { look } = createUnknownWrites(store, gate, clock, 1000)
  return { open, unknown: () => writes.length, look, advance: clock.advance }
}

test('an unknown write is not forgotten before its bytes must have arrived (catches a proof that looks too early)', async () => {
  const { unknown, look, advance } = subject()
  await look()
  expect(unknown()).toBe(1)
  advance(1000)
  await look()
  expect(unknown()).toBe(0)
})

test('it is forgotten when every transaction that was open then has ended, whatever began later', async () => {
  const { open, unknown, look, advance } = subject()
  advance(1000)
  open.push('a', 'b')
  await look()
  open.splice(0, 1, 'later')
  await look()
  expect(unknown()).toBe(1)
  open.splice(open.indexOf('b'), 1)
  await look()
  expect(unknown()).toBe(0)
})
