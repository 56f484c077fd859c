import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { root, snippetsOf } from './pages.ts'

const page = { path: 'docs/tutorial.md', text: readFileSync(`${root}docs/tutorial.md`, 'utf8') }
const home = `${root}test/docs/generated-tutorial/`

/** The commands that the page lets its reader run, one block after the other. */
const blocks = [...page.text.matchAll(/<!-- run -->\n```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text)

let database: TestDatabase
let app: ChildProcess | undefined

beforeAll(async () => {
  database = await testDatabase('tutorial')
  await database.query(`CREATE TABLE report_card (id serial PRIMARY KEY, name text UNIQUE, description text,
    collection_id int, last_used_at timestamp(3), updated_at timestamp(3) NOT NULL DEFAULT now(),
    view_count int NOT NULL DEFAULT 0)`)
  await database.query(`INSERT INTO report_card (name) VALUES ('old name')`)
  rmSync(home, { recursive: true, force: true })
  mkdirSync(join(home, 'bin'), { recursive: true })
  cpSync(`${root}test/prisma/generated`, join(home, 'generated'), { recursive: true })
  for (const { file, text } of snippetsOf(page)) writeFileSync(join(home, file), text)
  // What npm installs for a reader stands in the workspace here.
  const npx = `#!/bin/sh\ntool=$1; shift\ncase $tool in quiesce) exec node ${root}packages/cli/bin/quiesce.js "$@" ;; esac\nexit 127\n`
  writeFileSync(join(home, 'bin/npx'), npx)
  chmodSync(join(home, 'bin/npx'), 0o755)
})
afterAll(async () => {
  app?.kill('SIGKILL')
  await database?.drop()
  rmSync(home, { recursive: true, force: true })
})

test('a reader who follows the tutorial sees what it says', async () => {
  const env = { ...process.env, PATH: `${home}bin:${process.env['PATH']}`, DATABASE_URL: database.url, NO_COLOR: '1' }
  const run = (block: string | undefined): string => {
    const { stdout, stderr, status } = spawnSync('sh', ['-e', '-c', block ?? 'exit 1'], {
      cwd: home,
      env,
      encoding: 'utf8',
    })
    expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' })
    return stdout + stderr
  }
  const [initAndDoctor, freezeAndStatus, thaw, job] = blocks
  expect(blocks).toHaveLength(4)

  run(initAndDoctor)
  let said = ''
  app = spawn('node', ['--import', 'tsx', 'app.ts'], { cwd: home, env, stdio: ['ignore', 'pipe', 'inherit'] })
  app.stdout?.on('data', (text: Buffer) => {
    said += text
  })
  await eventually('the application saves', () => said.includes('saved'))

  expect(run(freezeAndStatus)).toMatch(/fenced[\s\S]*read-only/)
  const refusal = 'refused: report_card name, because of: my first freeze'
  await eventually('the application is refused', () => said.includes(refusal))
  const update = `UPDATE report_card SET name = 'past the guard'`
  await expect(database.query(update)).rejects.toThrow(/quiesce fence: the cluster is read-only: my first freeze/)

  run(thaw)
  said = ''
  await eventually('the application saves', () => said.includes('saved'))
  expect(run(job)).toMatch(/alone with the database, epoch \d+[\s\S]*run-ended/)
}, 120_000)
