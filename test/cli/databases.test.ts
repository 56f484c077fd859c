import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshDatabase } from '@quiesce/test-servers'
import {
  doctorDocument,
  fenceDocument,
  frozenDocument,
  initDocument,
  planDocument,
  runResultDocument,
  thawedDocument,
} from 'quiesce'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { databases, fastOptions } from '../support/database.ts'
import { type Flavour, flavourOf } from '../support/flavour.ts'
import { connectRaw, type RawConnection } from '../support/raw-connection.ts'
import { quiesceIn } from './support/fake-terminal.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quiesce-cli-'))
  writeFileSync(join(folder, 'quiesce.config.json'), JSON.stringify(fastOptions))
})
afterAll(() => rmSync(folder, { recursive: true }))

const insert = 'INSERT INTO entry (id) VALUES (1)'

/** What a plan prints is what fences and lowers, when somebody sends it by hand (catches SQL that is only shown). */
async function expectPlanToHold(
  quiesce: ReturnType<typeof quiesceIn>,
  connection: RawConnection,
  { table }: Flavour,
): Promise<void> {
  const freeze = ['freeze', '--reason', 'by hand', '--owner', 'me', '--json'] as const
  const { steps } = planDocument.parse((await quiesce(...freeze, '--dry-run')).documents[0])
  const shown = await quiesce('plan', '--reason', 'by hand', '--sql')
  const of = (wanted: string): readonly string[] => steps.find(({ step }) => step === wanted)?.statements ?? []
  for (const statement of [...of('fence'), ...of('thaw')]) expect(shown.stdout).toContain(statement)
  const { freezeId } = frozenDocument.parse((await quiesce(...freeze, '--fence', 'off')).documents[0])
  await connection.query(`UPDATE ${table('freeze')} SET nonce = id`)
  const nobody = /00000000-0000-0000-0000-000000000000/g
  for (const statement of of('fence')) await connection.query(statement.replaceAll(nobody, freezeId))
  await expect(connection.query(insert)).rejects.toThrow(`the cluster is read-only: by hand (freeze ${freezeId})`)
  for (const statement of of('thaw')) await connection.query(statement)
  await connection.query(insert)
  await quiesce('thaw', '--owner', 'me')

  await quiesce(...freeze, '--fence', 'required')
  await expect(connection.query(insert)).rejects.toThrow('the cluster is read-only')
  expect((await quiesce('doctor')).stdout).toMatch(
    /^ok +fence-stands +the fence \S+ on \d+ tables? stands for the freeze/m,
  )
  const { statements } = thawedDocument.parse(
    (await quiesce('thaw', '--owner', 'me', '--dry-run', '--json')).documents[0],
  )
  for (const statement of statements) await connection.query(statement)
  await connection.query('DELETE FROM entry')
  await quiesce('thaw', '--owner', 'me')

  const standing = async (...argv: string[]) =>
    fenceDocument.parse((await quiesce('fence', ...argv, '--json')).documents[0])
  const installation = await standing('install', '--dry-run')
  for (const statement of installation.statements) await connection.query(statement)
  expect(await standing('install')).toMatchObject({ state: 'complete', changed: 0 })
  const removal = await standing('remove', '--dry-run')
  for (const statement of removal.statements) await connection.query(statement)
  expect(await standing('status')).toMatchObject({ state: 'absent', tables: [] })
}

describe.each(databases)('on %s', (name) => {
  test('a database without tables is told so, initialised, examined and used', async () => {
    const database = await freshDatabase(inject(`${name}Url`), 'bare')
    const connection = await connectRaw(database.url)
    try {
      // A fence over nothing would be none.
      await connection.query('CREATE TABLE entry (id int PRIMARY KEY)')
      const env = { PATH: process.env['PATH'], DATABASE_URL: database.url }
      const quiesce = quiesceIn({ env, cwd: folder })
      const bare = await quiesce('doctor', '--json')
      expect(bare.exitCode).toBe(1)
      const { findings } = doctorDocument.parse(bare.documents[0])
      expect(findings.find(({ level }) => level === 'problem')).toMatchObject({ check: 'schema' })
      const dry = initDocument.parse((await quiesce('init', '--dry-run', '--json')).documents[0])
      const sql = initDocument.parse((await quiesce('init', '--sql', '--json')).documents[0])
      expect(sql).toMatchObject({ dryRun: true, before: null, statements: dry.statements })
      for (const statement of sql.statements) await connection.query(statement)
      const { before, after, needed } = initDocument.parse((await quiesce('init', '--json')).documents[0])
      expect({ before, after }).toEqual({ before: needed, after: needed })
      const done = initDocument.parse((await quiesce('init', '--dry-run', '--json')).documents[0])
      expect(done.statements).toEqual([])
      const wanted = /^ok +fence-backend on-freeze, which a freeze gets: refuses everybody but the job on \d+ table/m
      const doctor = await quiesce('doctor', '--statements')
      expect(doctor).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(wanted) })
      expect(doctor.stdout).toMatch(/^STATEMENT +STANDING +ON-FREEZE/m)
      expect(doctor.stdout).toMatch(/^UPDATE +refused +refused/m)
      const run = await quiesce('run', '--reason', 'r', '--fence', 'required', '--json', '--', 'true')
      expect(runResultDocument.parse(run.talk.at(-1))).toMatchObject({ exitCode: 0, freeze: { guarantee: 'fenced' } })
      expect((await quiesce('fences')).stdout).toContain('No fence stands.')
      await expectPlanToHold(quiesce, connection, flavourOf(name))
    } finally {
      await connection.end()
      await database.drop()
    }
  })
})
