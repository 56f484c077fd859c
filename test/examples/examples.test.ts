import { createRequire } from 'node:module'
import { freshDatabase } from '@quiesce/test-servers'
import { expect, inject, test } from 'vitest'
import * as expressPrisma from '../../examples/express-prisma/start.ts'
import * as fastifyBoth from '../../examples/fastify-both/start.ts'
import * as nestTypeorm from '../../examples/nest-typeorm/start.ts'
import * as next from '../../examples/next/start.ts'
import * as queueWorker from '../../examples/queue-worker/start.ts'
import { type Example, type TourOptions, tour } from '../../examples/tour/index.ts'
import { eventually } from '../support/eventually.ts'

type Requests = Omit<TourOptions, 'say'>

const examples = { 'express-prisma': expressPrisma, 'nest-typeorm': nestTypeorm, 'fastify-both': fastifyBoth }

async function takeTour(
  { start, requests }: Pick<typeof expressPrisma, 'start'> & { readonly requests: Requests },
  beforehand: (example: Example) => Promise<void> = async () => {},
) {
  const database = await freshDatabase(inject('postgresUrl'), 'example')
  const example = await start(database.url)
  const lines: string[] = []
  const seen = await beforehand(example)
    .then(() => tour(example, { ...requests, say: (line) => lines.push(line) }))
    .finally(() => example.close())
  await database.drop()
  const all = lines.join('\n')
  expect(seen.before, all).toEqual(requests.writes.map(() => expect.toSatisfy((status: number) => status < 300)))
  const refused = requests.writes.map(() => 403)
  expect([seen.during, seen.read, seen.problem.code], all).toEqual([refused, 200, 'QUIESCE_READ_ONLY'])
  if (requests.allowed !== undefined) expect(seen.allowed, all).toBeLessThan(300)
  expect(seen.after, all).toEqual(seen.before)
}

test.each(Object.entries(examples))(
  '%s refuses its writes while read-only, and takes them before and after',
  async (_name, example) => takeTour(example),
)

/** What Next's page calls its actions with, in Next's own copy of React. */
const react = 'next/dist/compiled/react-server-dom-webpack/client.node'
const fromNext = createRequire(new URL('../../examples/next/start.ts', import.meta.url))

/** Calls the server action of Next's page as the browser does. */
async function callAction({ url, cluster }: Example): Promise<void> {
  const page = await (await fetch(url)).text()
  const [, id = ''] = /&quot;id&quot;:&quot;([0-9a-f]{40,})&quot;/.exec(page) ?? []
  const call = async (): Promise<string> => {
    const form = new FormData()
    form.set('item', 'book')
    const body = await fromNext(react).encodeReply([undefined, form])
    return (await fetch(url, { method: 'POST', headers: { 'next-action': id }, body })).text()
  }
  expect(await call()).toContain('"item":"book"')
  const freeze = await cluster.freeze({ reason: 'a secret' })
  const refused = await call()
  expect(refused).toContain('{"readOnly":{"type":"urn:problem-type:quiesce:read-only"')
  expect(refused).not.toMatch(/a secret|"item"/)
  // Without JavaScript a form is a request like any other.
  expect((await fetch(url, { method: 'POST', body: new URLSearchParams({ item: 'book' }) })).status).toBe(403)
  await freeze.thaw()
  expect(await call()).toContain('"item":"book"')
}

// Next compiles its routes for a minute and more on two busy cores.
test.runIf(process.env['QUIESCE_EXAMPLES_NEXT'] === '1')(
  'next refuses its writes and its server action while read-only, and takes them before and after',
  async () => takeTour(next, callAction),
  600_000,
)

test('queue-worker parks while read-only: jobs are queued, none is taken, and all are done after the thaw', async () => {
  const database = await freshDatabase(inject('postgresUrl'), 'example')
  const example = await queueWorker.start(database.url)
  const become = (queued: number, done: number) =>
    eventually(`${queued} queued, ${done} done`, async () => {
      const counts = await example.counts()
      return counts.queued === queued && counts.done === done
    })
  await example.enqueue('book', 'pen')
  await become(0, 2)
  const freeze = await example.cluster.freeze({ reason: 'the move' })
  await eventually('parked', () => example.worker.isParked)
  await example.enqueue('lamp')
  await become(1, 2)
  await freeze.thaw()
  await become(0, 3)
  await example.close()
  await database.drop()
})
