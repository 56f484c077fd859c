import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isQuiesceError } from '@quiesce/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { childEnvironment } from '../src/job/child-environment.ts'
import { withoutPasswords } from '../src/output/without-passwords.ts'
import { plain } from '../src/output/words.ts'
import { clusterSettings } from '../src/settings/cluster-settings.ts'
import { loadConfig } from '../src/settings/config-file.ts'
import { durationFlag } from '../src/settings/duration.ts'
import { CLI_VERSION } from '../src/version.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quiesce-settings-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const messageOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isQuiesceError(error)) throw new Error(`not refused as it should be: ${error}`)
  return `${error.kind} ${error.message}`
}

describe('where the options come from', () => {
  test('flags, then QUIESCE_*, then the file, then DATABASE_URL', async () => {
    const config = file(
      'a.json',
      '{"database":"postgres://file","namespace":"file","schema":"file","nodeLeaseMs":9000}',
    )
    const env = { QUIESCE_DATABASE_URL: 'postgres://env', QUIESCE_NAMESPACE: 'env', DATABASE_URL: 'postgres://last' }
    const all = await clusterSettings({ config, database: 'postgres://flag', namespace: 'flag' }, env, folder)
    expect(all).toMatchObject({ databaseFrom: '--database', configPath: config })
    expect(all.options).toEqual({
      database: 'postgres://flag',
      namespace: 'flag',
      schema: 'file',
      nodeLeaseMs: 9000,
      application: 'cli',
      enforcement: 'enforce',
    })
    const fromEnv = await clusterSettings({ config }, env, folder)
    expect(fromEnv.options).toMatchObject({ database: 'postgres://env', namespace: 'env' })
    const fromFile = await clusterSettings({ config }, { DATABASE_URL: 'postgres://last' }, folder)
    expect(fromFile.options).toMatchObject({ database: 'postgres://file', namespace: 'file' })
    const last = await clusterSettings({}, { DATABASE_URL: 'postgres://last' }, folder)
    expect(last).toMatchObject({ databaseFrom: 'DATABASE_URL', configPath: undefined })
    expect(await messageOf(clusterSettings({}, {}, folder))).toMatch(/^QUIESCE_CONFIG No database is given/)
  })

  test('files of every kind: TypeScript, modules, functions and promises', async () => {
    const texts = {
      'b.ts': `import type { ClusterOptions } from '@quiesce/core'\nexport default { namespace: 'b' } satisfies ClusterOptions`,
      'b.mjs': `export default async () => ({ namespace: 'b' })`,
      'b.cjs': `module.exports = { namespace: 'b' }`,
      'b.json': `{"namespace":"b"}`,
      'quiesce.config.js': `export default Promise.resolve({ namespace: 'b' })`,
    }
    for (const [name, text] of Object.entries(texts)) {
      file(name, text)
      const named = name.startsWith('quiesce') ? undefined : name
      expect((await loadConfig(folder, named))?.config.namespace, name).toBe('b')
    }
    expect(await messageOf(loadConfig(folder, 'missing.ts'))).toMatch(/missing.ts does not exist/)
    file('broken.ts', 'throw new Error("boom")')
    expect(await messageOf(loadConfig(folder, 'broken.ts'))).toMatch(/could not be loaded: boom/)
    file('list.json', '[]')
    expect(await messageOf(loadConfig(folder, 'list.json'))).toMatch(/must export an object/)
  })

  test('durations have a unit (catches 30 read as milliseconds)', () => {
    expect(['500ms', '1.5s', '10m', '2h'].map((text) => durationFlag.parse(text))).toEqual([
      500, 1500, 600_000, 7_200_000,
    ])
    for (const text of ['30', '', '-1s', '0s', '5 weeks', '1e9d', 's', '99d']) {
      expect(durationFlag.safeParse(text).success, text).toBe(false)
    }
  })
})

describe('a child’s environment', () => {
  const freeze = { id: 'f', epoch: '7', cluster: 'c@d', token: 'f.secret' }
  const postgres = { database: 'postgres://x', urlVariables: [] }

  test('keeps what is there, and adds the token as each database takes it', () => {
    const env = { PGOPTIONS: '-c a=b', KEEP: '1' }
    const child = childEnvironment(env, freeze, postgres)
    expect(child).toMatchObject({ KEEP: '1', PGOPTIONS: '-c a=b -c quiesce.token=f.secret', QUIESCE_TOKEN: 'f.secret' })
    const mysql = childEnvironment({}, freeze, { database: 'mysql://x', urlVariables: [] })
    expect(mysql['QUIESCE_INIT_COMMAND']).toBe(`SET @quiesce_token = 'f.secret'`)
    expect(childEnvironment({}, { ...freeze, token: undefined }, postgres)).not.toHaveProperty('PGOPTIONS')
  })

  test('carries the token in URLs without losing their parameters', () => {
    const env = { URL: 'postgres://me:p%40ss@db:5432/shop?sslmode=require&options=-c%20a%3Db' }
    const { URL: url = '' } = childEnvironment(env, freeze, { ...postgres, urlVariables: ['URL'] })
    expect(url).toBe(
      'postgres://me:p%40ss@db:5432/shop?sslmode=require&options=-c%20a%3Db%20-c%20quiesce.token%3Df.secret',
    )
    expect(() => childEnvironment({}, freeze, { ...postgres, urlVariables: ['URL'] })).toThrow('--token-url')
    const mysql = { database: 'mysql://x', urlVariables: ['URL'] }
    expect(() => childEnvironment({ URL: 'mysql://x/y' }, freeze, mysql)).toThrow('can carry a token')
  })

  test('passes the fences of an outer run of another cluster, too', () => {
    expect(childEnvironment({ QUIESCE_TOKEN: 'outer.x' }, freeze, postgres)['QUIESCE_TOKEN']).toBe('outer.x,f.secret')
  })
})

test('what is shown has no passwords and nothing that steers a terminal', () => {
  const command = ['psql', 'postgres://me:se:cret@db/shop', '--url=mysql://u:p@h/d', 'a@b.example']
  expect(withoutPasswords(command)).toEqual([
    'psql',
    'postgres://me:***@db/shop',
    '--url=mysql://u:***@h/d',
    'a@b.example',
  ])
  for (const [shown, ...words] of [
    ['env PGPASSWORD=*** psql', 'env', 'PGPASSWORD=s3', 'psql'],
    ['load --db-password=*** --user=me', 'load', '--db-password=s3', '--user=me'],
    ['load --token *** --verbose', 'load', '--token', 's3', '--verbose'],
    ['load postgres://h/d?password=***&sslmode=require', 'load', 'postgres://h/d?password=s3&sslmode=require'],
    ['psql host=h password=*** user=u', 'psql', "host=h password='s 3' user=u"],
    ['load postgres://u:***@h/d', 'load', 'postgres://u:s@3@h/d'],
    ['/usr/bin/mysqldump -p*** -P 3306 shop', '/usr/bin/mysqldump', '-ps3', '-P', '3306', 'shop'],
    ['mkdir -pv x', 'mkdir', '-pv', 'x'],
  ]) {
    expect(withoutPasswords(words).join(' ')).toBe(shown)
  }
  expect(plain('a\u001b[2Jb\u202ec\r\nd')).toBe('a\ufffd[2Jb\ufffdc\ufffd\ufffdd')
})

test('the version is the package’s', () => {
  expect(CLI_VERSION).toBe(manifest.version)
})
