import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { Cluster } from '@quiesce/core'
import { gateOf } from '@quiesce/core/adapter'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'

const page = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8')
const snippets = [...page.matchAll(/<!-- file: (\S+) -->\n```ts\n([\s\S]*?)```/g)]
const home = fileURLToPath(new URL('./generated/', import.meta.url))
interface Snippets {
  readonly cluster: Cluster
  readonly server: Server
  readonly seen: readonly string[]
  readonly modes: readonly string[]
  readonly stop: () => void
}
const load = (name: string): Promise<Snippets> => import(`${home}${name}`)

let db: TestDatabase

beforeAll(async () => {
  db = await testDatabase('observability-docs')
  mkdirSync(home, { recursive: true })
  for (const [, file, text = ''] of snippets)
    writeFileSync(`${home}${file}`, text.replace('pino()', "pino({ level: 'silent' })"))
  process.env['DATABASE_URL'] = db.url
})
afterAll(async () => {
  rmSync(home, { recursive: true, force: true })
  await db?.drop()
})

test('the snippets of the page run together', async () => {
  expect(snippets.map(([, file]) => file).sort()).toEqual([
    'audit.ts',
    'channels.ts',
    'cluster.ts',
    'events.ts',
    'otel.ts',
    'prometheus.ts',
  ])
  const { cluster } = await load('cluster.ts')
  const { stop } = await load('otel.ts')
  const { server } = await load('prometheus.ts')
  const { seen } = await load('events.ts')
  const { modes } = await load('channels.ts')
  const audit = await load('audit.ts')
  await cluster.start()
  const freeze = await cluster.freeze({ reason: 'move' })
  expect(() => gateOf(cluster).admit('DELETE FROM entry')).toThrow(/read-only/)
  await freeze.thaw()
  await eventually('the mode is back', () => modes.at(-1) === 'shop is read-write')
  expect(seen).toEqual([expect.stringMatching(/^move: all acked after \d+ ms$/), 'refused delete of entry'])
  const scraped = await scrape(server)
  expect(scraped).toContain('quiesce_write_blocked_total{quiesce_namespace="shop",db_collection_name="entry"')
  stop()
  audit.stop()
  await cluster.close()
})

async function scrape(server: Server): Promise<string> {
  server.listen(0)
  try {
    return await (await fetch(`http://127.0.0.1:${Object(server.address()).port}`)).text()
  } finally {
    server.close()
  }
}
