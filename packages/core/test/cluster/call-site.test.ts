import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { callSiteOf } from '../../src/cluster/call-site.ts'

const own = fileURLToPath(new URL('../../src/cluster/gate.ts', import.meta.url))

test('the call site is the first frame that is neither ours, nor Node’s, nor of anything installed', () => {
  const stack = (...frames: string[]): string =>
    ['ReadOnlyError: at first', ...frames.map((one) => `    at ${one}`)].join('\n')
  const skipped = [
    `ClusterGate.admit (${own}:1:2)`,
    'Array.map (<anonymous>)',
    'process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
    'node:events:1:2',
    'async Client.query (file:///app/node_modules/.pnpm/pg@8/node_modules/pg/lib/client.js:1:2)',
  ]
  for (const frame of [
    'save (/app/src/user.ts:3:4)',
    '<anonymous> (/app/src/user.ts:3:4)',
    'file:///app/src/user.ts:3:4',
  ])
    expect(callSiteOf(stack(...skipped, frame, 'other (/app/x.ts:1:1)'))).toBe(frame)
  expect(callSiteOf(stack(...skipped, 'async save (/app/src/user.ts:3:4)'))).toBe('save (/app/src/user.ts:3:4)')
  expect(callSiteOf(stack(...skipped))).toBeUndefined()
  expect(callSiteOf(undefined)).toBeUndefined()
})
