import { expect, test } from 'vitest'
import type { NodeEntry } from '../src/documents/node-document.ts'
import { nodesScreen } from '../src/output/status-screen.ts'
import { colorsFor } from '../src/terminal.ts'

const colors = colorsFor({ write: () => {} }, { NO_COLOR: '1' })
const node = (more: Partial<NodeEntry>): NodeEntry => ({
  id: crypto.randomUUID(),
  host: 'h',
  pid: 1,
  application: 'app',
  status: 'alive',
  enforcement: 'enforce',
  libraryVersion: '1',
  protocolVersion: 1,
  policyHash: 'p',
  startedAt: '2026-01-01T00:00:00.000Z',
  heartbeatAgeMs: 1,
  leaseRemainingMs: 1,
  seenEpoch: '2',
  ackedEpoch: '2',
  acked: true,
  inFlight: 0,
  unknown: 0,
  oldest: null,
  ...more,
})

test('nodes that are lost are not counted among those whose ack is missing (catches a freeze that looks unheard)', () => {
  const nodes = [node({}), node({ acked: false, status: 'overdue' }), node({ acked: false, status: 'lost' })]
  const last = (list: readonly NodeEntry[]) => nodesScreen(list, 'read-only', colors).split('\n').at(-1)
  expect(last(nodes)).toBe('1 of 2 nodes acked this epoch, 1 lost')
  expect(last(nodes.slice(0, 1))).toBe('1 of 1 node acked this epoch')
})
