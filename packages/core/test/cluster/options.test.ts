import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { resolveOptions } from '../../src/cluster/options.ts'
import { LIBRARY_VERSION } from '../../src/cluster/version.ts'
import { postgresDialect } from '../../src/dialects/postgres/postgres-dialect.ts'
import type { QuiesceError } from '../../src/domain/errors.ts'

const database = 'postgres://app:secret@db/app'
const resolve = (options: object) => resolveOptions({ database, ...options }, postgresDialect)
const problemsOf = (options: object): readonly { path: string; value: string }[] => {
  try {
    resolve(options)
  } catch (error) {
    return (error as QuiesceError).data['problems'] as { path: string; value: string }[]
  }
  return []
}

describe('options', () => {
  test('have the defaults that the documentation states', () => {
    expect(resolve({})).toMatchObject({
      pollIntervalMs: 2000,
      connectionTimeoutMs: 30_000,
      poolSize: 2,
      lock: { statementTimeoutMs: 1000, retries: 5, retryIntervalMs: 1000, maxRetryIntervalMs: 1000, jitter: 0.1 },
    })
  })

  test('report every problem at once, with its path and the value seen', () => {
    const problems = problemsOf({
      pollIntervalMs: '5s',
      nodeLeaseMs: Number.NaN,
      lock: { retries: -1, jitter: 2 },
      exempt: { report_card: [], session: 'yes' },
      nonsense: true,
    })
    expect(problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'pollIntervalMs',
        'nodeLeaseMs',
        'lock.retries',
        'lock.jitter',
        'exempt.report_card',
        'exempt.session',
        '(options)',
      ]),
    )
    expect(problems.find(({ path }) => path === 'pollIntervalMs')?.value).toBe("'5s'")
  })

  test.each([0, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 53 + 1, '1000', 1n, null, [], {}])(
    'a duration of %o is refused',
    (value) => {
      expect(problemsOf({ pollIntervalMs: value }).map(({ path }) => path)).toContain('pollIntervalMs')
    },
  )

  test('leases that cannot keep the promise are refused, with the numbers', () => {
    expect(problemsOf({ pollIntervalMs: 3000 }).map(({ path }) => path)).toEqual(['nodeLeaseMs'])
    expect(problemsOf({ writeBoundMs: 60_000 }).map(({ path }) => path)).toEqual(['freezeLeaseMs'])
    expect(problemsOf({ statementTimeoutMs: 8000 }).map(({ path }) => path)).toEqual(['statementTimeoutMs'])
    expect(problemsOf({ lock: { retryIntervalMs: 2000 } }).map(({ path }) => path)).toEqual(['lock.retryIntervalMs'])
  })

  test.each([
    ['namespace', 'x'.repeat(1000)],
    ['namespace', 'a\0b'],
    ['namespace', ''],
    ['namespace', '\uD800'],
    ['schema', 'x'.repeat(64)],
    ['tablePrefix', 'x'.repeat(60)],
    ['tablePrefix', '$quiesce$'],
  ])('a %s that PostgreSQL would cut, reject or confuse is refused', (name, value) => {
    expect(problemsOf({ [name]: value })).toHaveLength(1)
  })

  test('a database that is none is refused, and its value is never shown', () => {
    for (const wrong of ['mongodb://user:hunter2@x', 42, undefined, {}]) {
      const [problem] = problemsOf({ database: wrong })
      expect(problem).toMatchObject({ path: 'database', value: typeof wrong })
      expect(JSON.stringify(problem)).not.toContain('hunter2')
    }
  })

  test('an unknown option is named, and nothing of the others is shown (catches a URL with its password in a log)', () => {
    const problems = problemsOf({ database: 'postgres://app:hunter2@db/app', nonsense: true })
    expect(JSON.stringify(problems)).not.toContain('hunter2')
    expect(problems[0]).toMatchObject({ message: expect.stringContaining('nonsense') })
  })

  test('keys of the prototype are unknown keys', () => {
    expect(problemsOf(JSON.parse('{"__proto__": {"pollIntervalMs": 1}, "constructor": 1}')).length).toBeGreaterThan(0)
  })

  test('do not change after they were checked', () => {
    expect(Object.isFrozen(resolve({}))).toBe(true)
  })
})

test('nodes report the version of the package', () => {
  expect(LIBRARY_VERSION).toBe(manifest.version)
})
