import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../support/database.ts'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const page = readFileSync(path('../../docs/guards.md'), 'utf8')
const home = path('./generated-guards/')
const snippets = [...page.matchAll(/<!-- file: (\S+) -->\n```ts\n([\s\S]*?)```/g)]

const main = `import { gateOf } from '@quiesce/core/adapter'
import { cluster } from './guards-cluster.ts'
import { rehearse, reporting } from './guards-rehearsal.ts'
const warnings = []
cluster.on('warning', ({ message }) => warnings.push(message))
await cluster.start()
await cluster.close()
const result = await rehearse(async () => {
  gateOf(reporting).admit('DELETE FROM entry').end('answered')
})
await reporting.close()
console.log(JSON.stringify({ warnings, ...result }))`

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase('guards_page')
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home)
  for (const [, file, text = ''] of snippets) writeFileSync(`${home}${file}`, text)
  writeFileSync(`${home}main.ts`, main)
})
afterAll(async () => {
  await database?.drop()
  rmSync(home, { recursive: true, force: true })
})

test('the snippets about guards run', () => {
  expect(snippets.map(([, file]) => file)).toEqual(['guards-cluster.ts', 'guards-rehearsal.ts'])
  const env = { ...process.env, DATABASE_URL: database.url }
  const { stdout, stderr } = spawnSync('node', ['--import', 'tsx', `${home}main.ts`], { encoding: 'utf8', env })
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^1: delete entry at .*main\.ts/)
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    guarantee: 'none',
    refused: [{ table: 'entry', operation: 'delete', count: 1 }],
    warnings: [
      expect.stringMatching(/^exempt names tables.*core_session/),
      expect.stringMatching(/^skip names tables/),
    ],
  })
})
