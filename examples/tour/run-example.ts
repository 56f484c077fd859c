import { startPostgres } from '@quiesce/test-servers'
import { type Example, type TourOptions, tour } from './tour.ts'

/** Starts the application of an example on a database. */
export type StartExample = (databaseUrl: string) => Promise<Example>

/** Takes the tour of an example on PostgreSQL; with `--serve` the application runs until Ctrl+C instead. */
export function runExample(start: StartExample, requests: Omit<TourOptions, 'say'>): Promise<void> {
  return onPostgres(async (databaseUrl) => {
    const example = await start(databaseUrl)
    try {
      if (process.argv.includes('--serve')) await untilInterrupted(example.url)
      else await tour(example, { ...requests, say: console.log })
    } finally {
      await example.close()
    }
  })
}

/** Runs something on `DATABASE_URL`, or on an embedded PostgreSQL that is gone afterwards. */
export async function onPostgres(use: (databaseUrl: string) => Promise<void>): Promise<void> {
  const given = process.env['DATABASE_URL']
  if (given !== undefined) return use(given)
  const server = await startPostgres()
  try {
    await use(await server.createDatabase('example'))
  } finally {
    await server.stop()
  }
}

function untilInterrupted(url: string): Promise<void> {
  console.log(`${url}, until Ctrl+C`)
  return new Promise((resolve) => process.once('SIGINT', () => resolve()))
}
