import { isQuiesceError, type Problem } from '@quiesce/core'
import { createTestCluster } from '@quiesce/core/testing'
import { expect, test } from 'vitest'
import { readOnlyHttp, readOnlyState } from '../src/express.ts'

const cluster = createTestCluster('postgres://x')

function problemsOf(work: () => unknown): ReadonlyArray<readonly [string, string]> {
  try {
    work()
  } catch (error) {
    if (isQuiesceError(error) && error.kind === 'QUIESCE_CONFIG') {
      return (error.data['problems'] as readonly Problem[]).map(({ path, message }) => [path, message] as const)
    }
    throw error
  }
  return []
}

test('all problems of the options are listed at once, each with its place', () => {
  const options = {
    allow: ['login', '/a/*', { path: '/x', methods: ['post'] }, { path: '/y', writes: { t: 7 } }, 7],
    treatAsWrite: [/^\/(a+)+$/, { path: '/x', writes: {} }],
    safeMethods: ['get'],
    upgrades: 'maybe',
    status: 200,
    retryAfterJitter: -1,
    mesage: 'x',
  }
  const problems = problemsOf(() => readOnlyHttp(cluster, options as never))
  expect(problems.map(([path]) => path).sort()).toEqual([
    '(options)',
    'allow.0',
    'allow.1',
    'allow.2.methods.0',
    'allow.3.writes.t',
    'allow.4',
    'retryAfterJitter',
    'safeMethods.0',
    'status',
    'treatAsWrite.0',
    'treatAsWrite.1',
    'upgrades',
  ])
  const text = new Map(problems)
  expect(text.get('allow.1')).toMatch(/path pattern, with \/:name for one segment and \/\*name/)
  expect(text.get('treatAsWrite.0')).toMatch(/must not be a regular expression/)
  expect(text.get('(options)')).toContain('mesage')
})

test('reportOnly without a logger would report to nobody', () => {
  expect(problemsOf(() => readOnlyHttp(cluster, { reportOnly: true }))).toEqual([
    ['logger', 'must be given for reportOnly'],
  ])
})

test('the state’s options are checked too', () => {
  const options = { basePath: 'quiesce/', heartbeatMs: 0, readyWithoutLease: 404 }
  const problems = problemsOf(() => readOnlyState(cluster as never, options as never))
  expect(problems.map(([path]) => path)).toEqual(['basePath', 'heartbeatMs', 'readyWithoutLease'])
})

test('what is no cluster is refused', () => {
  expect(() => readOnlyHttp({})).toThrow(/createCluster/)
})
