import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ErrorKind } from '@quiesce/core'
import { freshDatabase } from '@quiesce/test-servers'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const readme = readFileSync(path('../../README.md'), 'utf8')
const home = path('./generated/')

/** The snippets of the README, by the file that they say they are. */
const snippets = new Map(
  [...readme.matchAll(/<!-- file: (\S+) -->\n```ts\n([\s\S]*?)```/g)].map(([, file = '', text = '']) => [file, text]),
)

/** What the snippets need of an application. */
const application: Readonly<Record<string, string>> = {
  'entities.ts': `import { EntitySchema } from 'typeorm'
export const Card = new EntitySchema({ name: 'Card', tableName: 'report_card', columns: { id: { type: 'int', primary: true }, name: { type: 'text' }, lastUsedAt: { type: 'timestamptz', name: 'last_used_at', nullable: true } } })
export const Session = new EntitySchema({ name: 'Session', tableName: 'core_session', columns: { id: { type: 'text', primary: true } } })`,
  'steps.ts': `import { cluster, prisma } from './prisma-app.ts'
export const seen = []
export async function copyTables(signal) {
  seen.push(cluster.state.mode, signal.aborted)
  await import('./refused.ts')
  await prisma.card.update({ where: { id: 1 }, data: { lastUsedAt: new Date() } })
  seen.push(await prisma.card.count())
}
export async function switchOver() { seen.push('switched') }`,
  'main.ts': `const { cluster, prisma } = await import('./prisma-app.ts')
await import('./job.ts')
await import('./lock.ts')
const { seen } = await import('./steps.ts')
const [card] = await prisma.card.findMany()
const events = (await cluster.history()).map(({ type }) => type)
await import('./shutdown.ts')
process.emit('SIGTERM')
await cluster.close()
const typeorm = await import('./typeorm-app.ts')
const freeze = await typeorm.cluster.freeze({ reason: 'x' })
const repository = typeorm.db.getRepository('Card')
const refused = await repository.update({ id: 1 }, { name: 'y' }).catch((error) => error.kind)
await repository.update({ id: 1 }, { lastUsedAt: new Date() })
await freeze.thaw()
await typeorm.db.destroy()
await typeorm.cluster.close()
console.log(JSON.stringify({ seen, name: card.name, touched: card.lastUsedAt !== null, events, refused }))`,
}

let database: { url: string; drop(): Promise<void> }

beforeAll(async () => {
  database = await freshDatabase(inject('postgresUrl'), 'readme')
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query(`CREATE TABLE collection (id serial PRIMARY KEY, name text UNIQUE);
    CREATE TABLE report_card (id serial PRIMARY KEY, name text UNIQUE, description text, collection_id int REFERENCES collection,
      last_used_at timestamp(3), updated_at timestamp(3) NOT NULL DEFAULT now(), view_count int NOT NULL DEFAULT 0);
    INSERT INTO report_card (name) VALUES ('old name')`)
  await client.end()
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home)
  cpSync(path('../prisma/generated'), `${home}/generated`, { recursive: true })
  for (const [file, text] of [...snippets, ...Object.entries(application)]) writeFileSync(home + file, text)
})
afterAll(async () => {
  await database?.drop()
  rmSync(home, { recursive: true, force: true })
})

test('the snippets of the README run, in the order in which a reader meets them', () => {
  expect([...snippets.keys()]).toEqual([
    'quiesce.config.ts',
    'prisma-app.ts',
    'typeorm-app.ts',
    'shutdown.ts',
    'migrate.ts',
    'job.ts',
    'refused.ts',
    'lock.ts',
  ])
  const run = (file: string) =>
    spawnSync('node', ['--import', 'tsx', home + file], {
      encoding: 'utf8',
      env: { ...process.env, DATABASE_URL: database.url },
    })
  expect(run('migrate.ts').stderr).toBe('')
  const { stdout, stderr } = run('main.ts')
  expect(stderr).toBe('')
  expect(stdout).toContain(`report_card [ 'name' ] move to eu-2`)
  expect(stdout).toMatch(/fencing token 1, still held: true/)
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  expect(result).toMatchObject({
    seen: ['read-only', false, 1, 'switched'],
    name: 'old name',
    touched: true,
    refused: 'QUIESCE_READ_ONLY',
  })
  expect(result.events.filter((type: string) => type !== 'node-joined')).toEqual(['thawed', 'frozen', 'freeze-begun'])
}, 60_000)

describe('the README', () => {
  test('shows fifteen lines of code for each ORM, and no more', () => {
    for (const file of ['prisma-app.ts', 'typeorm-app.ts'])
      expect(snippets.get(file)?.trim().split('\n').length).toBeLessThanOrEqual(15)
  })

  test('names only commands that exist', () => {
    const documents = readme + readFileSync(path('../../CONTRIBUTING.md'), 'utf8')
    const commands = [...documents.matchAll(/npx -y pnpm@10 ([\w:]+)/g)].map(([, name = '']) => name)
    expect(commands.length).toBeGreaterThan(5)
    for (const name of commands) expect(['changeset', ...Object.keys(manifest.scripts)]).toContain(name)
  })

  test('leads to every kind of error, and to no other', () => {
    const kinds: Record<ErrorKind, true> = {
      QUIESCE_READ_ONLY: true,
      QUIESCE_ACK_TIMEOUT: true,
      QUIESCE_DRAIN_TIMEOUT: true,
      QUIESCE_FREEZE_ENDED: true,
      QUIESCE_NOT_HOLDER: true,
      QUIESCE_LOCK_HELD: true,
      QUIESCE_LEASE_LOST: true,
      QUIESCE_STATE_LOST: true,
      QUIESCE_CONFIG: true,
      QUIESCE_SCHEMA: true,
      QUIESCE_DATABASE: true,
      QUIESCE_CONTENDED: true,
      QUIESCE_CLOSED: true,
      QUIESCE_ABORTED: true,
      QUIESCE_GUARD_MISSING: true,
      QUIESCE_FENCE: true,
      QUIESCE_PREFLIGHT: true,
      QUIESCE_RUN_FAILED: true,
      QUIESCE_RUN_CANCELLED: true,
      QUIESCE_RUN_TIMEOUT: true,
      QUIESCE_RUN_STATE: true,
      QUIESCE_VERIFY: true,
    }
    const errors = readFileSync(path('../../docs/errors.md'), 'utf8')
    const described = [...errors.matchAll(/^\| `(QUIESCE_\w+)`/gm)].map(([, kind]) => kind)
    expect(described.sort()).toEqual(Object.keys(kinds).sort())
  })
})
