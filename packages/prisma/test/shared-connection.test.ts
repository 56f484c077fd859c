import { expect, test } from 'vitest'
import type { SqlDriverAdapterLike, TransactionLike } from '../src/driver-adapter.ts'
import { guardConnectedAdapter } from '../src/guarded-adapter.ts'
import { createStatementGuard } from '../src/statement-guard.ts'
import { createFakeGate } from './fake-gate.ts'

function setUp(provider: string) {
  const begun: ((transaction: TransactionLike) => void)[] = []
  const shared = { provider, adapterName: 'fake', queryRaw: async () => ({}), executeRaw: async () => 1 }
  const inner: SqlDriverAdapterLike = {
    ...shared,
    executeScript: async () => {},
    startTransaction: () => new Promise((resolve) => begun.push(resolve)),
    dispose: async () => {},
  }
  const end = { commit: async () => {}, rollback: async () => {} }
  const gate = createFakeGate()
  const adapter = guardConnectedAdapter(createStatementGuard(gate), inner, new Set())
  return { gate, adapter, begin: () => begun.pop()?.({ ...shared, ...end, options: { usePhantomQuery: false } }) }
}

const write = { sql: 'UPDATE a SET b = 1', args: [], argTypes: [] }
const counted = (log: readonly string[]): number => log.filter((line) => line === `${write.sql} answered`).length

test.each([
  ['sqlite', 2],
  ['postgres', 1],
])('on %s a write beside a transaction is counted %d times, also while that begins', async (provider, times) => {
  const { gate, adapter, begin } = setUp(provider)
  const starting = adapter.startTransaction()
  await adapter.executeRaw(write)
  expect(counted(gate.log)).toBe(times)
  begin()
  const transaction = await starting
  await adapter.executeRaw(write)
  expect(counted(gate.log)).toBe(2 * times)
  await transaction.rollback()
  await adapter.executeRaw(write)
  expect(counted(gate.log)).toBe(2 * times + 1)
})

test('a write beside a transaction is decided by the gate alone while writes are restricted', async () => {
  const { gate, adapter } = setUp('sqlite')
  void adapter.startTransaction()
  gate.mode = 'draining'
  await adapter.executeRaw(write)
  expect(counted(gate.log)).toBe(1)
})
