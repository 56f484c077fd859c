import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from '@quiesce/core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { insertEntry } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { bin, type CliDatabase, cliDatabase } from './support/cli-database.ts'
import { CTRL_C, onScreen, type Screen } from './support/screen.ts'

let db: CliDatabase
let node: Cluster

beforeAll(async () => {
  db = await cliDatabase('pty')
  node = db.cluster({ application: 'shop' })
  await node.start()
})
afterAll(() => db?.drop())
afterEach(() => Promise.all(screens.splice(0).map((screen) => screen.close())))

const screens: Screen[] = []

function quiesce(...argv: string[]): Screen {
  const screen = onScreen([process.execPath, bin, ...argv], db.folder, { ...db.env })
  screens.push(screen)
  return screen
}

/** The screen without what differs from run to run. */
function steady(screen: string): string {
  return screen
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<uuid>')
    .replaceAll(/\b[0-9a-f]{8}\b/g, '<id>')
    .replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/\b\d+(ms|s|m)\b/g, '<t>')
    .replaceAll(/epoch \d+/g, 'epoch <n>')
    .replaceAll(new RegExp(`\\b${hostname()} +${process.pid}\\b`, 'g'), '<host> <pid>')
    .replaceAll(/(alive +<t> +)\d+/g, '$1<epoch>')
    .replaceAll(/ +/g, ' ')
}

test('run draws its progress, names who is waited for, and leaves the terminal to the program', async () => {
  const writer = await db.connect('legacy')
  await writer.query('BEGIN')
  await writer.query(insertEntry())
  const file = join(db.folder, 'interrupted')
  const program = db.file(
    'program.sh',
    `trap 'echo int >> ${file}; echo bye; exit 3' INT; echo begun > ${file}; printf 'first\\nsecond\\n'; while :; do sleep 0.05; done`,
  )
  const about = ['--reason', 'add a column', '--name', 'add', '--fence', 'off']
  const screen = quiesce('run', ...about, '--', 'sh', program)

  await screen.shows(/> freeze {3}\[#{20}\] 2\/2 nodes acked, waiting for session \d+ \(legacy, open \d+m?s\)/)
  await writer.query('ROLLBACK')
  await writer.end()
  await screen.shows(/second/)
  expect(node.state.mode).toBe('read-only')
  screen.type(CTRL_C)
  expect(await screen.ended).toBe(3)
  // The terminal has told the whole foreground group; who passes it on tells the program twice.
  expect(readFileSync(file, 'utf8')).toBe('begun\nint\n')
  expect(steady(await screen.text())).toBe(
    steady(`+ lock "add" is ours 5ms
+ freeze read-only, acknowledged: 1 node and this command acked, freeze 00000000 5ms
> command sh ${program}
first
second
^Cbye
+ command exit code 3 5ms
+ thaw the cluster writes again 5ms`),
  )
  await eventually('the cluster writes again', () => node.state.mode === 'read-write')
})

test('status --watch redraws one screen, and Ctrl-C ends it', async () => {
  const screen = quiesce('status', '--watch', '--interval', '100ms')
  await screen.shows(/default {2}READ-WRITE/)
  const freeze = await node.freeze({ reason: 'move to eu-2', owner: 'ops', fence: 'off' })
  const seen = await screen.shows(/READ-ONLY/)
  expect(steady(seen)).toMatchInlineSnapshot(`
    "default READ-ONLY epoch <n>

    FREEZE KIND PHASE SINCE LEASE EXPECTED END OWNER REASON
    <id> machine read-only <t> ago <t> - ops move to eu-2

    NODE HOST PID APP STATUS HEARTBEAT ACKED IN FLIGHT OLDEST
    <id> <host> <pid> shop alive <t> <epoch> 0
    1 of 1 node acked this epoch
    <time> Ctrl-C ends"
  `)
  await freeze.thaw()
  const again = await screen.shows(/READ-WRITE/)
  expect(again).not.toContain('move to eu-2')
  screen.type(CTRL_C)
  expect(await screen.ended).toBe(0)
})

test('a question is asked on the terminal, and no means no', async () => {
  const freeze = await node.freeze({ reason: 'their job', owner: 'them', fence: 'off' })
  const screen = quiesce('thaw', '--force', '--reason', 'why not')
  await screen.shows(/breaks the work of them[\s\S]*Type yes to go on:/)
  screen.type('no\r')
  expect(await screen.ended).toBe(1)
  expect(await screen.text()).toContain('Not confirmed; nothing was changed.')
  await freeze.assertHeld()
  await freeze.thaw()
})
