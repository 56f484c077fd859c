import { freshDatabase } from '@quiesce/test-servers'
import { expect, inject, test } from 'vitest'
import * as expressPrisma from '../../examples/express-prisma/start.ts'
import * as fastifyBoth from '../../examples/fastify-both/start.ts'
import * as nestTypeorm from '../../examples/nest-typeorm/start.ts'
import * as next from '../../examples/next/start.ts'
import * as queueWorker from '../../examples/queue-worker/start.ts'
import { type TourOptions, tour } from '../../examples/tour/index.ts'
import { eventually } from '../support/eventually.ts'

type Requests = Omit<TourOptions, 'say'>

const examples = { 'express-prisma': expressPrisma, 'nest-typeorm': nestTypeorm, 'fastify-both': fastifyBoth }

async function takeTour({ start, requests }: Pick<typeof expressPrisma, 'start'> & { readonly requests: Requests }) {
  const database = await freshDatabase(inject('postgresUrl'), 'example')
  const example = await start(database.url)
  const lines: string[] = []
  const seen = await tour(example, { ...requests, say: (line) => lines.push(line) }).finally(() => example.close())
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

// Next compiles its routes for a minute and more on two busy cores.
test.runIf(process.env['QUIESCE_EXAMPLES_NEXT'] === '1')(
  'next refuses its writes while read-only, and takes them before and after',
  async () => takeTour(next),
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
