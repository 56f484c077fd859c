import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster } from '@quiesce/core'
import { startFaultProxy } from '@quiesce/test-servers'
import { errorDocument, progressDocument, runResultDocument, runsDocument } from 'quiesce'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { insertEntry } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { bin, type CliDatabase, cliDatabase } from './support/cli-database.ts'
import { quiesceIn } from './support/fake-terminal.ts'

const insertEntries = join(import.meta.dirname, 'support/insert-entries.mjs')

let db: CliDatabase
let node: Cluster
let files = 0

beforeAll(async () => {
  db = await cliDatabase('run')
  node = db.cluster({ application: 'shop' })
  await node.start()
})
afterAll(() => db?.drop())
afterEach(() => eventually('the cluster writes again', () => node.state.mode === 'read-write'))

const run = ['run', '--reason', 'add a column'] as const
/** A path in the folder that nobody has used yet. */
const fresh = (): string => join(db.folder, `file-${files++}`)
/** A shell that tells by a file that it has begun, and then does the rest. */
const begun = (file: string, rest: string): string[] => ['--', 'sh', '-c', `echo begun > ${file}; ${rest}`]
/** Sleeps in short pieces, so that a shell's trap is heard. */
const linger = 'while :; do sleep 0.05; done'

describe('the program', () => {
  test('that is not there, or is none, is told before anything is frozen for it', async () => {
    const freezes = async (): Promise<number> =>
      (await node.history()).filter(({ type }) => type === 'freeze-begun').length
    const before = await freezes()
    expect(before).toBe(0)
    expect(await db.quiesce(...run, '--', 'no-such-program')).toMatchObject({
      exitCode: 127,
      stderr: expect.stringContaining('no-such-program was not found. Nothing was frozen.'),
    })
    expect(await db.quiesce(...run, '--', db.file('text', 'no program'))).toMatchObject({ exitCode: 126 })
    expect(await freezes()).toBe(before)
  })

  test('passes the fence by its environment, knows the freeze, and its exit code is ours', async () => {
    const file = fresh()
    const env = { ...db.env, PLAIN_URL: db.url, PGOPTIONS: '-c statement_timeout=5000' }
    const quiesce = quiesceIn({ env, cwd: db.folder })
    const command = [process.execPath, insertEntries, file]
    const outcome = await quiesce(
      ...run,
      '--json',
      '--fence',
      'required',
      '--token-url',
      'DATABASE_URL',
      '--',
      ...command,
    )
    const written = JSON.parse(readFileSync(file, 'utf8'))
    expect(written).toMatchObject({ byPgoptions: 'written', byUrl: 'written' })
    expect(written.plainly).toContain('quiesce fence: the cluster is read-only: add a column')
    expect(written.told.options).toBe(`-c statement_timeout=5000 -c quiesce.token=${written.told.token}`)

    expect(outcome).toMatchObject({ exitCode: 7, stdout: '' })
    const result = runResultDocument.parse(outcome.talk.at(-1))
    expect(result).toMatchObject({ exitCode: 7, commandExitCode: 7, freeze: { guarantee: 'fenced' } })
    expect(result.freeze).toMatchObject({ freezeId: written.told.id, epoch: written.told.epoch })
    for (const line of outcome.talk.slice(0, -1)) progressDocument.parse(line)
    // Dead with the freeze, whoever has it.
    expect(outcome.stderr).not.toContain(written.told.token)
    const [last] = runsDocument.parse((await db.quiesce('runs', '--json')).documents[0]).runs
    expect(last).toMatchObject({ id: result.runId, outcome: 'failed', error: 'the command ended with exit code 7' })
  })

  test('of a nested run joins the freeze of the outer one (catches a deadlock with itself)', async () => {
    const before = (await node.runs()).length
    const inner = [process.execPath, bin, ...run, '--', 'sh', '-c', 'exit 5']
    const { exitCode } = await db.quiesce(...run, '--', ...inner)
    expect(exitCode).toBe(5)
    expect((await node.runs()).length).toBe(before + 1)
    const stale = { ...db.env, QUIESCE_FREEZE_ID: crypto.randomUUID(), QUIESCE_FREEZE_CLUSTER: await clusterName() }
    const alone = await quiesceIn({ env: stale, cwd: db.folder })(...run, '--', 'sh', '-c', 'exit 0')
    expect(alone).toMatchObject({ exitCode: 76, stderr: expect.stringContaining('nothing was run') })
  })

  test('gets our signals, but not twice what a terminal sends, and its answer counts', async () => {
    const file = fresh()
    const traps = `trap 'echo term >> ${file}; exit 9' TERM; trap 'echo int >> ${file}' INT`
    const quiesce = quiesceIn({ env: db.env, cwd: db.folder, typed: '' })
    // The traps before the sign that they are there.
    const line = quiesce.start(...run, '--', 'sh', '-c', `${traps}; echo begun > ${file}; ${linger}`)
    await eventually('the program has begun', () => existsSync(file))
    expect(node.state.mode).toBe('read-only')
    // A terminal has told the program itself.
    line.signal('SIGINT')
    line.signal('SIGTERM')
    expect((await line.ended).exitCode).toBe(9)
    expect(readFileSync(file, 'utf8')).toBe('begun\nterm\n')
  })

  test('that ignores the end of its time is ended by force, with what it has started', async () => {
    const file = fresh()
    const ignoring = `trap '' TERM; (trap '' TERM; ${linger}) & echo $! > ${file}.pid; wait`
    const outcome = await db.quiesce(...run, '--timeout', '3s', '--grace', '100ms', ...begun(file, ignoring))
    expect(outcome.exitCode).toBe(124)
    const grandchild = Number(readFileSync(`${file}.pid`, 'utf8'))
    await eventually('the grandchild is gone', () => !isAlive(grandchild))
  })

  test('is ended when its freeze is taken away, or the run is cancelled', async () => {
    const [first, second] = [fresh(), fresh()]
    const thawed = db.quiesce.start(...run, ...begun(first, `echo $$ > ${first}.pid; ${linger}`))
    await eventually('the program has begun', () => existsSync(`${first}.pid`))
    expect((await db.quiesce('thaw', '--force', '--reason', 'it hangs', '--yes')).exitCode).toBe(0)
    expect((await thawed.ended).exitCode).toBe(76)
    expect(isAlive(Number(readFileSync(`${first}.pid`, 'utf8')))).toBe(false)

    const cancelled = db.quiesce.start(...run, ...begun(second, linger))
    await eventually('the program has begun', () => existsSync(second))
    const [active] = (await node.runs()).filter(({ endedAt }) => endedAt === undefined)
    const cancel = ['runs', '--cancel', active?.id.slice(0, 8) ?? ''] as const
    expect((await db.quiesce(...cancel)).exitCode).toBe(64)
    expect(await db.quiesce(...cancel, '--reason', 'wrong one')).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('--yes'),
    })
    expect((await db.quiesce(...cancel, '--reason', 'wrong one', '--yes')).stdout).toMatch(/Told to stop: ops \(run/)
    const outcome = await cancelled.ended
    expect(outcome).toMatchObject({ exitCode: 76, stderr: expect.stringContaining('wrong one') })
  })
})

describe('a run', () => {
  test('of a name that somebody else runs is refused; one that a signal ends while it waits is undone', async () => {
    const file = fresh()
    const first = db.quiesce.start(...run, '--name', 'nightly', ...begun(file, linger))
    await eventually('the program has begun', () => existsSync(file))
    const second = await db.quiesce(...run, '--name', 'nightly', '--json', '--', 'true')
    expect(second.exitCode).toBe(75)
    expect(errorDocument.parse(second.talk.at(-1))).toMatchObject({ kind: 'QUIESCE_LOCK_HELD', exitCode: 75 })
    first.signal('SIGTERM')
    expect((await first.ended).exitCode).toBe(143)

    const writer = await db.connect('legacy')
    await writer.query('BEGIN')
    await writer.query(insertEntry())
    const waiting = db.quiesce.start(...run, '--', 'touch', `${file}.never`)
    await eventually('the cluster drains', () => node.state.mode === 'draining')
    waiting.signal('SIGINT')
    expect((await waiting.ended).exitCode).toBe(130)
    await writer.query('ROLLBACK')
    await writer.end()
    expect(existsSync(`${file}.never`)).toBe(false)
    expect((await node.status()).freezes).toEqual([])
  })

  test('whose process is killed gives the writes back within a lease (catches a freeze that outlives its holder)', async () => {
    const file = fresh()
    const command = spawn(process.execPath, [bin, ...run, ...begun(file, `echo $$ > ${file}.pid; ${linger}`)], {
      cwd: db.folder,
      env: { ...db.env },
      stdio: 'ignore',
    })
    await eventually('the program has begun', () => existsSync(`${file}.pid`) && node.state.mode === 'read-only')
    command.kill('SIGKILL')
    // Its lease of 1.5 s, the delay before others take over, and a poll; the machine may be busy.
    const { afterMs } = await eventually('the cluster writes again', () => node.state.mode === 'read-write', 5000)
    expect(afterMs).toBeGreaterThan(500)
    const passes = (): Promise<boolean> =>
      db.query(insertEntry()).then(
        () => true,
        () => false,
      )
    await eventually('the fence is gone', passes, 5000)
    process.kill(Number(readFileSync(`${file}.pid`, 'utf8')), 'SIGKILL')
    await eventually('the run is known to be lost', async () => (await node.runs(1))[0]?.outcome === 'lost')
    expect((await db.quiesce('runs')).stdout).toMatch(/lost/)
  })

  test('that is paused past its lease ends its program when it wakes (catches a holder that is believed by its word)', async () => {
    const file = fresh()
    const command = spawn(process.execPath, [bin, ...run, ...begun(file, linger)], {
      cwd: db.folder,
      env: { ...db.env },
      stdio: 'ignore',
    })
    const ended = once(command, 'exit')
    await eventually('the program has begun', () => existsSync(file) && node.state.mode === 'read-only')
    command.kill('SIGSTOP')
    await eventually('the cluster writes again', () => node.state.mode === 'read-write', 5000)
    command.kill('SIGCONT')
    expect(await ended).toEqual([76, null])
    await eventually('the run is known to be lost', async () => (await node.runs(1))[0]?.outcome === 'lost')
  })

  test('whose database is cut off ends its program, by force where it must, and the writes come back (catches a program that goes on without its freeze)', async () => {
    const { hostname, port } = new URL(db.url)
    const proxy = await startFaultProxy({ host: hostname, port: Number(port) })
    const file = fresh()
    try {
      const quiesce = quiesceIn({ env: { ...db.env, DATABASE_URL: proxy.url(db.url) }, cwd: db.folder })
      const deaf = `trap 'echo term >> ${file}' TERM; echo $$ > ${file}.pid; echo begun > ${file}; ${linger}`
      const cutOff = quiesce.start(...run, '--grace', '300ms', '--', 'sh', '-c', deaf)
      await eventually('the program has begun', () => existsSync(file) && node.state.mode === 'read-only')
      proxy.pause()
      await eventually('the cluster writes again', () => node.state.mode === 'read-write', 5000)
      expect((await cutOff.ended).exitCode).toBe(76)
      expect(readFileSync(file, 'utf8')).toBe('begun\nterm\n')
      expect(isAlive(Number(readFileSync(`${file}.pid`, 'utf8')))).toBe(false)
      await eventually('the run is known to be lost', async () => (await node.runs(1))[0]?.outcome === 'lost')
    } finally {
      await proxy.close()
    }
  })
})

async function clusterName(): Promise<string> {
  const { namespace, database } = await node.status()
  return `${namespace}@${database}`
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
