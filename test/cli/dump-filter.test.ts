import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { filterDump } from '@quiesce/core'
import { describe, expect, test } from 'vitest'
import { quiesceIn } from './support/fake-terminal.ts'

/**
 * Dumps of one database, as pg_dump 15, mysqldump 9.7 and mariadb-dump 10.11 wrote them: without a fence, and while one
 * stood. Rows, comments and routines of the application mention the names of fences too.
 */
const dump = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'dumps', `${name}.sql`))
const fences = /quiesce_(?!0a1b2c3d)[0-9a-f]{8}_\d+_/

/** What a client does with a dump: what it sets around a trigger that is gone sets nothing else. */
function substance(text: string): readonly string[] {
  const isSetting = (line: string): boolean => /^(?:\/\*!50003 SET .*;|DELIMITER .*|)$/.test(line)
  return text.split('\n').filter((line) => !isSetting(line))
}

async function filtered(bytes: Buffer, chunk: number, standing = false): Promise<Buffer> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, n) =>
    bytes.subarray(n * chunk, (n + 1) * chunk),
  )
  const out: Uint8Array[] = []
  for await (const some of filterDump(Readable.from(chunks), { standing })) out.push(some)
  return Buffer.concat(out)
}

describe.each(['postgresql', 'mysql', 'mariadb'])('a dump of %s', (name) => {
  test('loses its fence and nothing else (catches a filter that looks into rows and bodies)', async () => {
    const [plain, fenced] = [dump(`${name}-plain`), dump(`${name}-fenced`)]
    expect(fenced.toString('latin1')).toMatch(fences)
    const text = (await filtered(fenced, 65_536)).toString('latin1')
    expect(text).not.toMatch(fences)
    expect(substance(text)).toEqual(substance(plain.toString('latin1')))
    for (const chunk of [11, 4096]) expect((await filtered(fenced, chunk)).toString('latin1')).toBe(text)
    expect(await filtered(plain, 1000)).toEqual(plain)
  })
})

test('bytes of any encoding come through, and the standing fence only where it is asked for', async () => {
  const bytes = Buffer.concat([
    Buffer.from('-- PostgreSQL database dump\nCOPY t (a) FROM stdin;\nDROP TRIGGER quiesce_0a1b2c3d_5_0123456789ab;\n'),
    Buffer.from([0xff, 0xfe, 0x80, 0x0d, 0x0a]),
    Buffer.from('\\.\nDROP TRIGGER quiesce_standing_0a1b2c3d_00 ON t;\nSELECT 1;'),
  ])
  expect(await filtered(bytes, 5)).toEqual(bytes)
  expect((await filtered(bytes, 5, true)).toString('latin1')).toBe(
    bytes.toString('latin1').replace(/DROP TRIGGER quiesce_standing.*\n/, ''),
  )
})

test('the command filters what is piped into it, and refuses what it cannot read', async () => {
  const place = { env: {}, cwd: import.meta.dirname }
  const pipe = (piped: string) => quiesceIn({ ...place, piped })('fence', 'dump-filter')
  const done = await pipe(dump('mysql-fenced').toString())
  expect(done).toMatchObject({ exitCode: 0, stderr: 'quiesce: 14 statements of fences left out\n' })
  expect(done.stdout).not.toMatch(fences)
  expect(await pipe('PGDMP\x01\x0e')).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('pg_restore') })
  expect(await pipe('SELECT 1;\n')).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('Pass its format') })
})
