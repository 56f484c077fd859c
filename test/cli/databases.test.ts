import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshDatabase } from '@quiesce/test-servers'
import { doctorDocument, initDocument, runResultDocument } from 'quiesce'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { databases, fastOptions } from '../support/database.ts'
import { connectRaw } from '../support/raw-connection.ts'
import { quiesceIn } from './support/fake-terminal.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quiesce-cli-'))
  writeFileSync(join(folder, 'quiesce.config.json'), JSON.stringify(fastOptions))
})
afterAll(() => rmSync(folder, { recursive: true }))

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
      const { before, after, needed } = initDocument.parse((await quiesce('init', '--json')).documents[0])
      expect({ before, after }).toEqual({ before: null, after: needed })
      expect(await quiesce('doctor')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^ok +fence/m) })
      const run = await quiesce('run', '--reason', 'r', '--fence', 'required', '--json', '--', 'true')
      expect(runResultDocument.parse(run.talk.at(-1))).toMatchObject({ exitCode: 0, freeze: { guarantee: 'fenced' } })
      expect((await quiesce('fences')).stdout).toContain('No fence stands.')
    } finally {
      await connection.end()
      await database.drop()
    }
  })
})
