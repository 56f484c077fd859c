// What the door costs a request, in this process: the real gate, no server.
// pnpm build && node --import tsx bench/http-door/main.ts
import { createTestCluster } from '../../packages/core/dist/testing/test-cluster.js'
import { readOnlyHttp } from '../../packages/http/dist/express.js'
import type { HttpOptions } from '../../packages/http/dist/http-options.js'

const headers = {
  host: 'shop.example.org',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36',
  accept: 'application/json',
  'content-type': 'application/json',
  'content-length': '120',
  cookie: 'session=0123456789abcdef0123456789abcdef',
}
const response = {
  statusCode: 200,
  headersSent: false,
  setHeader: () => {},
  removeHeader: () => {},
  end: () => {},
}

/** The best of several rounds, in nanoseconds: the machine may be busy, the code is not slower for it. */
function nanoseconds(rounds: number, run: () => void): number {
  run()
  let best = Number.POSITIVE_INFINITY
  for (let batch = 0; batch < 15; batch++) {
    const started = process.hrtime.bigint()
    for (let round = 0; round < rounds; round++) run()
    best = Math.min(best, Number(process.hrtime.bigint() - started) / rounds)
  }
  return best
}

const rules = (count: number): HttpOptions => ({
  allow: Array.from({ length: count }, (_, i) => (i % 2 === 0 ? `/fixed/${i}` : `/s${i}/:id/x`)),
  treatAsWrite: Array.from({ length: count }, (_, i) => `/t${i}/*rest`),
})

const rows: Array<readonly [what: string, ns: number]> = []
let passed = 0
const next = (): void => {
  passed += 1
}
for (const count of [10, 10_000]) {
  const cluster = createTestCluster('postgres://x')
  const door = readOnlyHttp(cluster, rules(count))
  const measure = (what: string, method: string, url: string, rounds: number): void => {
    const request = { method, url, headers }
    rows.push([`${what}, ${count} rules`, nanoseconds(rounds, () => door(request, response, next))])
  }
  measure('read-write: any request', 'POST', '/orders/7?a=1', 100_000)
  cluster.freeze()
  measure('read-only: a read', 'GET', '/orders/7?a=1', 10_000)
  measure('read-only: an allowed write', 'POST', '/fixed/4', 10_000)
  measure('read-only: a refusal', 'POST', '/orders/7', 5000)
}
// The loop itself, so that nothing is measured that was optimised away.
const request = { method: 'POST', url: '/orders', headers }
rows.push(['the loop alone', nanoseconds(100_000, () => (request.method === 'GET' ? undefined : next()))])

console.log('| a request | ns |\n|---|---:|')
for (const [what, ns] of rows) console.log(`| ${what} | ${ns.toFixed(ns < 100 ? 1 : 0)} |`)
console.log(`\n${passed} passed; Node ${process.version}`)
