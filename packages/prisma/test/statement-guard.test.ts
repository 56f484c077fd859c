import { createTestCluster } from '@quiesce/core/testing'
import { expect, test } from 'vitest'
import { createStatementGuard } from '../src/statement-guard.ts'

const WRITE = { sql: 'UPDATE report_card SET name = $1' }

test('an adapter that throws instead of rejecting leaves nothing in flight (catches a drain that waits for ever)', async () => {
  const cluster = createTestCluster('postgres://nobody@localhost/none')
  const { queryRaw, executeRaw } = createStatementGuard(cluster.gate)
  const failed = (): never => {
    throw new Error('no such type')
  }
  const inner = { provider: 'postgres', adapterName: 'own', queryRaw: failed, executeRaw: failed }
  for (const send of [queryRaw, executeRaw])
    await expect(send(cluster.gate.openSession(), inner, WRITE)).rejects.toThrow('no such type')
  cluster.drain(1000)
  expect(cluster.gate.drain()).toMatchObject({ inFlight: 0 })
})
