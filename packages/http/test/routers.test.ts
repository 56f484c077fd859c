import { posix } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolveHttpOptions } from '../src/options-schema.ts'
import { pathOf, plainPath } from '../src/request-path.ts'
import { compileRules } from '../src/rules.ts'

/** How routers, servers and proxies read a path, each in its own way. */
const readers: Readonly<Record<string, (path: string) => string | undefined>> = {
  'as it is': (path) => path,
  decoded: (path) => decodeURIComponent(path),
  'decoded, then resolved': (path) => posix.normalize(decodeURIComponent(path)),
  'resolved, then decoded': (path) => decodeURIComponent(posix.normalize(path)),
  'decoded twice, then resolved': (path) => posix.normalize(decodeURIComponent(decodeURIComponent(path))),
  'as a browser': (path) => new URL(path, 'http://x').pathname,
  'as a browser, then decoded': (path) => decodeURIComponent(new URL(path, 'http://x').pathname),
  'with backslashes turned': (path) => posix.normalize(decodeURIComponent(path).replaceAll('\\', '/')),
}

/** What a reader makes of the path; it answers 400 where it cannot. */
const readings = (path: string): ReadonlyArray<readonly [reader: string, path: string]> =>
  Object.entries(readers).flatMap(([reader, read]) => {
    try {
      const value = read(path)
      return value === undefined ? [] : [[reader, value] as const]
    } catch {
      return []
    }
  })

const pieces = [
  'a',
  'auth',
  'export',
  'AUTH',
  '.',
  '..',
  '/',
  '//',
  '\\',
  ';x',
  '%2e',
  '%2E%2e',
  '%2f',
  '%5C',
  '%25',
  '%252e',
  '%61uth',
  '%65xport',
  'e%78port',
  '%00',
  '%',
  '%C3%A9',
  '%C0%AF',
  '%20',
  '?',
  '#',
]
const paths = fc.array(fc.constantFrom(...pieces), { maxLength: 9 }).map((parts) => pathOf(`/${parts.join('')}`))

test('what is allowed below a path is below it for every reader (catches a door that opens another route)', () => {
  const rules = compileRules(resolveHttpOptions('test', { allow: ['/auth/*rest'] }))
  let allowed = 0
  const property = fc.property(
    fc.oneof(
      paths,
      paths.map((path) => `/auth${path}`),
    ),
    (path) => {
      if (!rules.isAllowed({ methods: ['POST'], path, request: undefined }, () => true)) return
      allowed += 1
      for (const [reader, read] of readings(path)) expect(read, `${path}, ${reader}`).toMatch(/^\/auth\//)
    },
  )
  fc.assert(property, { numRuns: 1000 })
  expect(allowed, 'or nothing was looked at').toBeGreaterThan(20)
})

test('what any reader takes for a route that writes is a write (catches a way around the rule)', () => {
  const rules = compileRules(resolveHttpOptions('test', { treatAsWrite: ['/export'] }))
  let written = 0
  const property = fc.property(
    fc.oneof(
      paths,
      paths.map((path) => `${path}/export`),
    ),
    (path) => {
      const found = readings(path).find(([, read]) => /^\/export\/?$/i.test(read))
      if (found === undefined) return
      written += 1
      expect(rules.isWrite({ methods: ['GET'], path, request: undefined }), `${path}, ${found[0]}`).toBe(true)
    },
  )
  fc.assert(property, { numRuns: 1000 })
  expect(written, 'or nothing was looked at').toBeGreaterThan(20)
})

test('a path without escapes and dots is plain', () => {
  const plain = fc
    .array(fc.stringMatching(/^[a-z0-9_~:@!$&'()*+,=-]+$/), { minLength: 1 })
    .map((parts) => `/${parts.join('/')}`)
  fc.assert(fc.property(plain, (path) => plainPath(path) === path))
})
