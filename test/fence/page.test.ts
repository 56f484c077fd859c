import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { wantedDatabases } from '@quiesce/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { connectRaw } from '../support/raw-connection.ts'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const page = readFileSync(path('../../docs/fence.md'), 'utf8')
const home = path('./generated/')
const snippets = [...page.matchAll(/<!-- file: (\S+) -->\n```ts\n([\s\S]*?)```/g)]
const standingGrants = /<!-- grants: postgresql standing -->\n```sql\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
const grants = /<!-- grants: postgresql fence -->\n```sql\n([\s\S]*?)```/.exec(page)?.[1] ?? ''

const application: Readonly<Record<string, string>> = {
  'cluster.ts': `import { createCluster } from '@quiesce/core'
import pg from 'pg'
export const cluster = createCluster({ database: process.env.DATABASE_URL })
export const client = new pg.Client({ connectionString: process.env.DATABASE_URL })`,
  'main.ts': `import { client, cluster } from './cluster.ts'
await client.connect()
await import('./fence.ts')
await import('./token.ts')
await import('./standing.ts')
const { rows } = await client.query('SELECT name FROM report_card')
await client.end()
await cluster.close()
console.log(rows[0].name)`,
}

describe.runIf(wantedDatabases().includes('postgres'))('the page about the fence', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await testDatabase('fence_page')
    await db.query('CREATE TABLE report_card (name text)')
    await db.query(`INSERT INTO report_card VALUES ('old name')`)
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home)
    for (const [, file, text = ''] of snippets) writeFileSync(`${home}${file}`, text)
    for (const [file, text] of Object.entries(application)) writeFileSync(`${home}${file}`, text)
  })
  afterAll(async () => {
    await db?.drop()
    rmSync(home, { recursive: true, force: true })
  })

  test('has snippets that run', () => {
    expect(snippets.map(([, file]) => file)).toEqual(['fence.ts', 'token.ts', 'standing.ts'])
    const env = { ...process.env, DATABASE_URL: db.url }
    const { stdout, stderr } = spawnSync('node', ['--import', 'tsx', `${home}main.ts`], { encoding: 'utf8', env })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/fenced 2 /)
    expect(stdout).toMatch(/standing true/)
    expect(stdout.trim().split('\n').at(-1)).toBe('new name')
  }, 60_000)

  test('names grants that are enough, each of which is needed (catches a survey that promises too much)', async () => {
    const [owner, app] = ['owner', 'app'].map((name) => `fence_${name}_${Math.random().toString(36).slice(2)}`)
    const url = new URL(db.url)
    url.username = `${app}`
    const weak = db.cluster({ database: url.href })
    try {
      await db.query(`CREATE ROLE ${owner}`)
      await db.query(`CREATE ROLE ${app} LOGIN`)
      await db.query(`ALTER TABLE report_card OWNER TO ${owner}`)
      await db.query(`GRANT USAGE ON SCHEMA quiesce TO ${app}`)
      await db.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA quiesce TO ${app}`)
      await db.query(`GRANT UPDATE ON report_card TO ${app}`)
      for (const grant of grants.trim().split('\n')) {
        await expect(weak.freeze({ reason: 'x', fence: 'required' })).rejects.toMatchObject({ kind: 'QUIESCE_FENCE' })
        await db.query(grant.replace('GRANT owner', `GRANT ${owner}`).replace('TO app', `TO ${app}`))
      }
      const freeze = await weak.freeze({ reason: 'x', fence: 'required' })
      await expect(db.query(`UPDATE report_card SET name = ''`)).rejects.toMatchObject({ code: '25006' })
      await freeze.thaw()
      await db.query(`UPDATE report_card SET name = name`)
    } finally {
      await weak.close()
      for (const role of [app, owner]) {
        await db.query(`REASSIGN OWNED BY ${role} TO CURRENT_USER`)
        await db.query(`DROP OWNED BY ${role}`)
        await db.query(`DROP ROLE ${role}`)
      }
    }
  })

  test('names the grants with which a role that may run no DDL raises the standing fence (catches a lock or a read that needs more)', async () => {
    const app = `standing_app_${Math.random().toString(36).slice(2)}`
    const url = new URL(db.url)
    url.username = app
    const weak = db.cluster({ database: url.href })
    const owner = db.cluster()
    try {
      await db.query(`CREATE ROLE ${app} LOGIN`)
      await db.query(`GRANT USAGE ON SCHEMA quiesce TO ${app}`)
      await db.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA quiesce, public TO ${app}`)
      await owner.installFence()
      await expect(weak.freeze({ reason: 'x', fence: 'required' })).rejects.toMatchObject({
        data: { obstacles: expect.arrayContaining([expect.stringContaining('GRANT SELECT, UPDATE ON')]) },
      })
      await db.query(standingGrants.replace('TO app', `TO ${app}`))
      const freeze = await weak.freeze({ reason: 'x', fence: 'required' })
      expect(freeze.fence).toMatchObject({ backend: 'standing' })
      await expect(db.query(`UPDATE report_card SET name = ''`)).rejects.toMatchObject({ code: '25006' })
      await freeze.thaw()
      await db.query(`REVOKE ALL ON ALL TABLES IN SCHEMA quiesce FROM ${app}`)
      const writer = await connectRaw(url.href)
      for (const level of ['READ COMMITTED', 'REPEATABLE READ']) {
        await writer.query(`BEGIN ISOLATION LEVEL ${level}`)
        await writer.query(`UPDATE report_card SET name = name`)
        await writer.query('COMMIT')
      }
      await writer.end()
    } finally {
      await weak.close()
      await owner.removeFence()
      await db.query(`DROP OWNED BY ${app}`)
      await db.query(`DROP ROLE ${app}`)
    }
  })
})
