import type { TableWrite } from '@quiesce/core/adapter'
import { describe, expect, test } from 'vitest'
import { decide, type RequestFacts } from '../src/decide.ts'
import type { HttpOptions } from '../src/http-options.ts'
import { resolveHttpOptions } from '../src/options-schema.ts'
import { readFacts } from '../src/request-reader.ts'
import { compileRules } from '../src/rules.ts'

interface Sent {
  readonly method: string
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
}

const factsOf = (sent: Sent, options: HttpOptions<Sent> = {}): RequestFacts<Sent> =>
  readFacts(
    sent,
    {
      method: ({ method }) => method,
      target: ({ target }) => target,
      header: ({ headers }, name) => headers?.[name],
    },
    resolveHttpOptions('test', options).methodOverride,
  )

/** What becomes of a request while read-only. */
function judge(
  method: string,
  target: string,
  options: HttpOptions<Sent> = {},
  { headers, exempt = () => false }: { headers?: Sent['headers']; exempt?: (write: TableWrite) => boolean } = {},
): string {
  const facts = factsOf({ method, target, ...(headers && { headers }) }, options)
  const situation = { mode: 'read-only', areExempt: (writes: readonly TableWrite[]) => writes.every(exempt) } as const
  const { verdict, because } = decide(facts, situation, compileRules(resolveHttpOptions('test', options)))
  return `${verdict}: ${because}`
}

describe('the mode', () => {
  test.each([
    ['read-write', 'pass'],
    ['starting', 'pass'],
    ['draining', 'refuse'],
    ['read-only', 'refuse'],
    ['closed', 'refuse'],
  ] as const)('%s lets a write %s', (mode, verdict) => {
    const rules = compileRules(resolveHttpOptions<Sent>('test', {}))
    const situation = { mode, areExempt: () => false }
    expect(decide(factsOf({ method: 'POST', target: '/' }), situation, rules).verdict).toBe(verdict)
  })
})

describe('the method', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY'])('%s only reads', (method) => {
    expect(judge(method, '/orders')).toBe('pass: safe')
  })

  test.each([
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'CONNECT',
    'MKCOL',
    'PURGE',
    'LINK',
    'BREW',
    '',
    'get',
    'GET ',
    'CON\u0000NECT',
  ])('%j writes (catches a list of writing methods, which misses those that nobody thought of)', (method) => {
    expect(judge(method, '/orders')).toBe('refuse: method')
  })

  test.each([
    ['a header', '/orders', { 'x-http-method-override': 'DELETE' }],
    ['a header in lower case', '/orders', { 'x-http-method': 'delete' }],
    ['the second of two values', '/orders', { 'x-method-override': 'GET, PATCH' }],
    ['the query', '/orders?_method=PUT', {}],
    ['the query, encoded', '/orders?a=1&%5Fmethod=%50UT', {}],
    ['the query of an absolute target', 'http://x/orders?_method=PUT', {}],
  ])('a GET that is overridden by %s writes', (_what, target, headers) => {
    expect(judge('GET', target, {}, { headers })).toBe('refuse: override')
  })

  test('a POST that says GET stays a write (catches a client that opens the door by itself)', () => {
    expect(judge('POST', '/orders?_method=GET', {}, { headers: { 'x-http-method-override': 'GET' } })).toBe(
      'refuse: method',
    )
  })

  test('a GET that says HEAD reads', () => {
    expect(judge('GET', '/orders', {}, { headers: { 'x-http-method-override': 'HEAD' } })).toBe('pass: safe')
  })

  test('the places of an override are an option', () => {
    const options = { methodOverride: { headers: ['x-verb'], query: false } } as const
    expect(judge('GET', '/?_method=PUT', options)).toBe('pass: safe')
    expect(judge('GET', '/', options, { headers: { 'x-verb': 'PUT' } })).toBe('refuse: override')
  })

  test('an upgrade reads, unless the option says that it writes', () => {
    const headers = { upgrade: 'websocket' }
    expect(judge('GET', '/socket', {}, { headers })).toBe('pass: safe')
    expect(judge('GET', '/socket', { upgrades: 'write' }, { headers })).toBe('refuse: upgrade')
    expect(judge('GET', '/socket', { upgrades: 'write', allow: ['/socket'] }, { headers })).toBe('pass: allowed')
  })
})

describe('what is allowed', () => {
  const options: HttpOptions<Sent> = {
    allow: ['/login', { path: '/tokens/:id', methods: ['POST'] }, '/auth/*rest', '/caf\u00e9', '/docs{/:page}'],
  }

  test.each([
    ['POST', '/login'],
    ['POST', '/login?next=/orders'],
    ['POST', '/login/'],
    ['DELETE', '/login'],
    ['POST', 'http://example.org/login'],
    ['POST', '/tokens/7'],
    ['POST', '/auth/a/b/c'],
    ['POST', '/caf%C3%A9'],
    ['POST', '/docs'],
    ['POST', '/docs/1'],
  ])('%s %s passes', (method, target) => {
    expect(judge(method, target, options)).toBe('pass: allowed')
  })

  test.each([
    ['another path', '/loginx'],
    ['more of a path', '/login/x'],
    ['another method', '/tokens/7', 'DELETE'],
    ['another case', '/LOGIN'],
    ['a needless escape', '/%6Cogin'],
    ['a dot segment', '/auth/../orders'],
    ['an encoded dot segment', '/auth/%2e%2e/orders'],
    ['half an encoded dot segment', '/auth/.%2E/orders'],
    ['a dot segment at the end', '/auth/a/..'],
    ['an encoded slash', '/auth/..%2Forders'],
    ['a backslash', '/auth/..\\orders'],
    ['an encoded backslash', '/auth/..%5Corders'],
    ['a doubly encoded slash', '/auth/..%252Forders'],
    ['a doubled slash', '//login'],
    ['a NUL', '/auth/%00'],
    ['an encoded line break', '/auth/%0d%0a'],
    ['a malformed escape', '/auth/%E0%A4%A'],
    ['overlong UTF-8', '/auth/%C0%AF'],
    ['no path', '*'],
    ['an authority', 'example.org:443'],
    ['nothing', ''],
  ])('%s does not (catches a rule that opens another route)', (_what, target, method = 'POST') => {
    expect(judge(method, target, options)).toBe('refuse: method')
  })

  test('an override has to be among the methods of the rule', () => {
    expect(judge('POST', '/tokens/7?_method=DELETE', options)).toBe('refuse: method')
  })

  test('a route that says what it writes passes exactly while all of it is exempt', () => {
    const rule: HttpOptions<Sent> = {
      allow: [
        { path: '/login', writes: { session: { insert: true, delete: true }, 'app.user': ['last_login'], log: true } },
      ],
    }
    const asked: TableWrite[] = []
    const all = (write: TableWrite): boolean => asked.push(write) > 0
    expect(judge('POST', '/login', rule, { exempt: all })).toBe('pass: allowed')
    expect(asked.map(({ schema, table, operation, columns }) => [schema, table, operation, columns])).toEqual([
      [undefined, 'session', 'insert', 'all'],
      [undefined, 'session', 'delete', 'all'],
      ['app', 'user', 'update', ['last_login']],
      [undefined, 'log', 'insert', 'all'],
      [undefined, 'log', 'update', 'all'],
      [undefined, 'log', 'delete', 'all'],
    ])
    for (const held of ['session', 'user', 'log']) {
      expect(judge('POST', '/login', rule, { exempt: ({ table }) => table !== held })).toBe('refuse: method')
    }
  })

  test('a predicate answers at once with true, or nothing passes', () => {
    const allow = (answer: () => unknown) => judge('POST', '/x', { allow: [answer as () => boolean] })
    expect(allow(() => true)).toBe('pass: allowed')
    expect(allow(() => false)).toBe('refuse: method')
    expect(allow(async () => true)).toBe('refuse: method')
    expect(allow(() => 1)).toBe('refuse: method')
    expect(
      allow(() => {
        throw new Error('x')
      }),
    ).toBe('refuse: method')
    expect(judge('POST', '/x', { allow: [({ target }) => target === '/x'] })).toBe('pass: allowed')
  })
})

describe('what is treated as a write', () => {
  const options: HttpOptions<Sent> = { treatAsWrite: ['/export', '/jobs/:id/run', '/admin/*rest'] }

  test.each([
    '/export',
    '/export/',
    '/EXPORT',
    '/export?x',
    '/%65xport',
    '/%2565xport',
    '//export',
    '//host/export',
    '/\\host/%65xport',
    '/x/../export',
    '/x/%2e%2e/export',
    '/x\\..\\export',
    '/./export',
    '/export;v=1',
    '/jobs/7/run',
    '/jobs/7%2Frun',
    '/%ZZ/../export',
    '/admin/%E0%A4%A',
    'http://x/export',
  ])('a GET of %s is refused (catches a way around the rule)', (target) => {
    expect(judge('GET', target, options)).toBe('refuse: rule')
  })

  test.each(['/', '/exports', '/jobs/7', '/a%2Fb', '/%E0%A4%A', '/admin'])('a GET of %s is a read', (target) => {
    expect(judge('GET', target, options)).toBe('pass: safe')
  })

  test('what is also allowed passes', () => {
    expect(judge('GET', '/export', { ...options, allow: ['/export'] })).toBe('pass: allowed')
  })

  test('a predicate that throws, or gives a promise, makes it a write', () => {
    const treat = (answer: () => unknown) => judge('GET', '/x', { treatAsWrite: [answer as () => boolean] })
    expect(treat(() => true)).toBe('refuse: rule')
    expect(treat(() => false)).toBe('pass: safe')
    expect(treat(async () => false)).toBe('refuse: rule')
    expect(
      treat(() => {
        throw new Error('x')
      }),
    ).toBe('refuse: rule')
  })

  test('only with the methods of the rule', () => {
    const rule = { treatAsWrite: [{ path: '/x', methods: ['GET'] }] }
    expect(judge('GET', '/x', rule)).toBe('refuse: rule')
    expect(judge('HEAD', '/x', rule)).toBe('pass: safe')
  })
})

describe('decided quickly', () => {
  /** The quicker of a few: the machine may be busy. */
  const msOf = (work: () => unknown): number => {
    const times = [1, 2, 3].map(() => {
      const startedAt = performance.now()
      work()
      return performance.now() - startedAt
    })
    return Math.min(...times)
  }

  test('with 10,000 rules of every form', () => {
    const numbers = Array.from({ length: 5000 }, (_, i) => i)
    const options: HttpOptions<Sent> = {
      allow: numbers.map((i) => (i % 2 === 0 ? `/fixed/${i}` : `/s${i}/:id/x`)),
      treatAsWrite: numbers.map((i) => `/t${i}/*rest`),
    }
    const rules = compileRules(resolveHttpOptions('test', options))
    const situation = { mode: 'read-only', areExempt: (writes: readonly TableWrite[]) => writes.length === 0 } as const
    const verdictOf = (method: string, target: string) => decide(factsOf({ method, target }), situation, rules).verdict
    expect(verdictOf('POST', '/fixed/4998')).toBe('pass')
    expect(verdictOf('POST', '/s4999/7/x')).toBe('pass')
    expect(verdictOf('POST', '/s4999/7/y')).toBe('refuse')
    expect(verdictOf('GET', '/t4999/x')).toBe('refuse')
    expect(msOf(() => verdictOf('POST', '/nowhere'))).toBeLessThan(1)
    expect(msOf(() => verdictOf('GET', '/nowhere'))).toBeLessThan(1)
  })

  test('on paths that make regular expressions back-track', () => {
    const options: HttpOptions<Sent> = {
      allow: ['/*a/x/*b/x/*c/x/*d/y', '/:a-:b-:c-:d-:e', '/{a}{b}{c}{d}x'],
      treatAsWrite: ['/*a/x/*b/x/*c/y'],
    }
    const rules = compileRules(resolveHttpOptions('test', options))
    const situation = { mode: 'read-only', areExempt: (writes: readonly TableWrite[]) => writes.length === 0 } as const
    for (const text of [
      '/x'.repeat(8000),
      `/${'a-'.repeat(8000)}`,
      '/%61'.repeat(4000),
      '/..'.repeat(5000),
      '/%25'.repeat(5000),
      '%2e'.repeat(5000),
    ]) {
      for (const method of ['GET', 'POST']) {
        expect(
          msOf(() => decide(factsOf({ method, target: text }), situation, rules)),
          text.slice(0, 8),
        ).toBeLessThan(100)
      }
    }
  })
})
