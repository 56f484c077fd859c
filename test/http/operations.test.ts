import { createHash } from 'node:crypto'
import type { Cluster, Freeze } from '@quiesce/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { calmOptions } from './calm-options.ts'
import { apolloShell } from './operations/apollo.ts'
import { post } from './operations/graphql-client.ts'
import type { OperationClient } from './operations/operation-shell.ts'
import { trpcShell } from './operations/trpc.ts'
import { yogaShell } from './operations/yoga.ts'

const options = { status: 'auto', retryAfterJitter: 0 } as const
const graphqlShells = [apolloShell(options), yogaShell(options)]
const shells = [...graphqlShells, trpcShell(options)]

let database: TestDatabase
let cluster: Cluster
const handled: string[] = []
const clients = new Map<string, OperationClient>()
const clientOf = (name: string): OperationClient => {
  const client = clients.get(name)
  if (client === undefined) throw new Error(`${name} did not start`)
  return client
}

beforeAll(async () => {
  database = await testDatabase('http_operations')
  cluster = database.cluster(calmOptions)
  await cluster.start()
  const application = { cluster, handled, allow: ['login', 'deep'] }
  for (const shell of shells) clients.set(shell.name, await shell.start(application))
})
afterAll(async () => {
  for (const client of clients.values()) await client.close()
  await database?.drop()
})

test.each(shells)('$name lets every operation pass in read-write mode', async ({ name }) => {
  for (const operation of ['orders', 'createOrder', 'login', 'deep'])
    expect(await clientOf(name).call(operation), operation).toMatchObject({ status: 200, value: 'ok' })
  const { error, problem } = await clientOf(name).call('broken')
  expect([error === undefined, problem]).toEqual([false, undefined])
})

describe('in read-only mode', () => {
  const expectedEnd = new Date(Date.now() + 600_000)
  let freeze: Freeze

  beforeAll(async () => {
    freeze = await cluster.freeze({ reason: 'a secret', expectedEnd })
  })
  afterAll(async () => {
    await freeze?.thaw()
  })

  test.each(shells)('$name judges each operation: queries pass, mutations do not run', async ({ name }) => {
    handled.length = 0
    expect(await clientOf(name).call('orders')).toMatchObject({ status: 200, value: 'ok' })
    expect((await clientOf(name).call('createOrder')).status).toBe(503)
    expect(handled).toEqual(['orders'])
  })

  test.each(shells)('$name lets an allowed mutation pass', async ({ name }) => {
    expect(await clientOf(name).call('login')).toMatchObject({ status: 200, value: 'ok' })
  })

  test.each(shells)(
    '$name answers at the door and from within with the same problem, and no more',
    async ({ name }) => {
      for (const operation of ['createOrder', 'deep']) {
        const { status, headers, problem, message } = await clientOf(name).call(operation)
        expect(problem, operation).toEqual({
          type: 'urn:problem-type:quiesce:read-only',
          title: 'The service is read-only',
          status: 503,
          detail: `Nothing can be changed at the moment, for maintenance; reading works. Expected until ${expectedEnd.toISOString()}.`,
          code: 'QUIESCE_READ_ONLY',
          freezeId: freeze.id,
          epoch: expect.stringMatching(/^\d+$/),
          since: cluster.state.freezes[0]?.since.toISOString(),
          expectedEnd: expectedEnd.toISOString(),
          retryAfter: expect.any(Number),
        })
        expect(message).toBe((problem as { detail: string }).detail)
        expect([status, headers.get('cache-control'), headers.get('quiesce-mode')], operation).toEqual([
          503,
          'no-store',
          'read-only',
        ])
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(500)
      }
    },
  )

  test.each(shells)('$name judges each operation of a batch by itself', async ({ name }) => {
    const [passed, refused] = await clientOf(name).batch()
    expect(passed?.value).toBe('ok')
    expect(refused?.problem).toMatchObject({ code: 'QUIESCE_READ_ONLY', freezeId: freeze.id })
  })

  test.each(graphqlShells)('$name takes the operation that is executed, however it came', async ({ name }) => {
    const { url } = clientOf(name)
    const refused = async (body: object) => (await post(url, body)).body
    const both = 'query A { orders } mutation B { createOrder }'
    expect(await refused({ query: both, operationName: 'A' })).toEqual({ data: { orders: 'ok' } })
    for (const body of [
      { query: both, operationName: 'B' },
      { query: 'mutation { login createOrder }' },
      // Fragments could hide any field.
      { query: 'mutation { ...All } fragment All on Mutation { login }' },
    ])
      expect(await refused(body), JSON.stringify(body)).toMatchObject({
        errors: [{ extensions: { code: 'QUIESCE_READ_ONLY' } }],
      })
  })

  test('a subscription passes; what one of its events may not write is told in that event, unmasked', async () => {
    const events = async (field: string): Promise<unknown[]> => {
      const response = await fetch(clientOf('yoga 5').url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query: `subscription { ${field} }` }),
      })
      const lines = (await response.text()).split('\n').filter((line) => /^data: \{/.test(line))
      return lines.map((line) => JSON.parse(line.slice('data: '.length)))
    }
    expect(await events('orders')).toEqual([{ data: { orders: 'first' } }, { data: { orders: 'second' } }])
    const [first, second] = await events('mails')
    expect(first).toEqual({ data: { mails: 'first' } })
    const problem = expect.objectContaining({ code: 'QUIESCE_READ_ONLY', freezeId: freeze.id })
    expect(second).toMatchObject({ data: { mails: null }, errors: [{ extensions: { problem } }] })
    expect(JSON.stringify(second)).not.toContain('a secret')
  })

  test('a persisted mutation is one too', async () => {
    const { url } = clientOf('apollo 5')
    const query = 'query A { orders } mutation B { createOrder }'
    const sha256Hash = createHash('sha256').update(query).digest('hex')
    const extensions = { persistedQuery: { version: 1, sha256Hash } }
    const { body } = await post(url, { query, extensions, operationName: 'A' })
    expect(body).toEqual({ data: { orders: 'ok' } })
    const refused = await post(url, { extensions, operationName: 'B' })
    expect(refused.body).toMatchObject({ errors: [{ extensions: { code: 'QUIESCE_READ_ONLY' } }] })
  })

  test.each([
    ['apollo 5', apolloShell],
    ['yoga 5', yogaShell],
  ] as const)('%s answers with 200 where clients read no errors in others', async (_name, make) => {
    const client = await make({ ...options, httpStatus: 200 }).start({ cluster, handled, allow: ['deep'] })
    for (const operation of ['createOrder', 'deep']) {
      const { status, problem } = await client.call(operation)
      expect([status, problem], operation).toEqual([200, expect.objectContaining({ status: 503 })])
    }
    await client.close()
  })

  test.each(shells)('$name leaves other errors to the framework', async ({ name }) => {
    const { problem, headers } = await clientOf(name).call('broken')
    expect([problem, headers.get('quiesce-mode')]).toEqual([undefined, null])
  })
})
