import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { clientProgram, freshDatabase } from '@quiesce/test-servers'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { databases, insertEntry } from '../support/database.ts'
import { isLong } from '../support/long.ts'
import { connectRaw } from '../support/raw-connection.ts'
import { bin, type CliDatabase, cliDatabase } from './support/cli-database.ts'
import { quiesceIn } from './support/fake-terminal.ts'
import { prismaProject } from './support/prisma-project.ts'

const require = createRequire(import.meta.url)
const run = ['run', '--reason', 'a migration', '--fence', 'required', '--'] as const

/** What a migration that somebody wrote by hand, or Prisma, looks like. */
const migration = `-- CreateTable
CREATE TABLE "price" ("id" SERIAL NOT NULL, "cents" INTEGER NOT NULL, CONSTRAINT "price_pkey" PRIMARY KEY ("id"));

-- AlterTable
ALTER TABLE "entry" ADD COLUMN "note" TEXT;
INSERT INTO "entry" ("id", "note") VALUES (gen_random_uuid(), 'by a migration');
UPDATE "entry" SET "note" = 'all of them';
`

describe.runIf(databases.includes('postgres'))('under quiesce run, and through its fence,', () => {
  let db: CliDatabase
  beforeAll(async () => {
    db = await cliDatabase('programs')
  })
  afterAll(() => db?.drop())

  const notes = async (): Promise<readonly unknown[]> =>
    (await db.query('SELECT note FROM entry')).map(({ note }) => note)

  test('typeorm migration:run does its work (catches a driver that does not read PGOPTIONS)', async () => {
    const typeorm = require.resolve('typeorm')
    const source = db.file(
      'data-source.cjs',
      `const { DataSource } = require(${JSON.stringify(typeorm)})
       class Note1700000000000 {
         async up(runner) {
           await runner.query('ALTER TABLE entry ADD COLUMN label text')
           await runner.query("INSERT INTO entry (id, label) VALUES (gen_random_uuid(), 'by TypeORM')")
         }
         async down() {}
       }
       module.exports = new DataSource({ type: 'postgres', url: process.env.DATABASE_URL, migrations: [Note1700000000000] })`,
    )
    const cli = join(dirname(typeorm), 'cli.js')
    const outcome = await db.quiesce(...run, process.execPath, cli, 'migration:run', '-d', source)
    expect(outcome).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('read-only, fenced') })
    expect(await db.query('SELECT label FROM entry')).toEqual([{ label: 'by TypeORM' }])
  })

  test('prisma migrate deploy does its work (catches an engine that does not show the token)', async () => {
    const own = await cliDatabase('prisma')
    try {
      // Prisma takes over a schema that is empty.
      await own.query('DROP TABLE entry')
      const { deploy, addMigration } = prismaProject(own)
      addMigration('1_entry', 'CREATE TABLE "entry" ("id" UUID NOT NULL PRIMARY KEY);')
      const [program = '', ...parameters] = deploy
      execFileSync(program, parameters, { cwd: own.folder, env: own.env, stdio: 'ignore' })
      addMigration('2_price', migration)
      const done = 'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1'
      if (isLong) {
        // A program of the run that does not show the token is like everybody else.
        expect(await own.quiesce(...run, 'env', '-u', 'PGOPTIONS', ...deploy)).toMatchObject({ exitCode: 1 })
        expect(await own.query(done)).toEqual([{ name: '1_entry' }])
      }
      const outcome = await own.quiesce(...run, ...deploy)
      expect(outcome).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('read-only, fenced') })
      expect(await own.query(done)).toEqual([{ name: '1_entry' }, { name: '2_price' }])
      expect(await own.query('SELECT note FROM entry')).toEqual([{ note: 'all of them' }])
    } finally {
      await own.drop()
    }
  })

  describe.runIf(isLong)('with the clients of the database,', () => {
    test('psql runs a file of SQL; outside of the run it is refused', async () => {
      const psql = await clientProgram('psql')
      const command = [...psql, '-v', 'ON_ERROR_STOP=1', db.url]
      const file = db.file('migration.sql', migration)
      // A program of the run that does not show the token is like everybody else.
      const plainly = ['env', '-u', 'PGOPTIONS', ...command, '-c', insertEntry()]
      expect((await db.quiesce(...run, ...plainly)).exitCode).not.toBe(0)
      expect(await db.quiesce(...run, ...command, '--single-transaction', '-f', file)).toMatchObject({ exitCode: 0 })
      expect(new Set(await notes())).toEqual(new Set(['all of them']))
    })

    test('pg_dump writes a dump, which is restored without the fence', async () => {
      const [pgDump, psql] = [await clientProgram('pg_dump'), await clientProgram('psql')]
      const dump = join(db.folder, 'dump.sql')
      expect(await db.quiesce(...run, ...pgDump, '--file', dump, db.url)).toMatchObject({ exitCode: 0 })
      const copy = await freshDatabase(inject('postgresUrl'), 'restored')
      const quiet = { env: {}, stdio: 'ignore' } as const
      try {
        const filtered = execFileSync('sh', ['-c', `${process.execPath} ${bin} fence dump-filter < ${dump}`])
        expect(filtered.toString()).not.toMatch(/quiesce_[0-9a-f]{8}_/)
        const [program = '', ...parameters] = psql
        execFileSync(program, [...parameters, '-v', 'ON_ERROR_STOP=1', copy.url], {
          ...quiet,
          input: filtered,
          stdio: ['pipe', 'ignore', 'inherit'],
        })
        const restored = await connectRaw(copy.url)
        await restored.query(insertEntry())
        await restored.end()
      } finally {
        await copy.drop()
      }
    })
  })
})

describe.runIf(isLong)('the client of the server', () => {
  const clients = (['mariadb', 'mysql'] as const).filter((name) => databases.includes(name))
  test.each(clients)('%s passes the fence by --init-command, and is refused without', async (name) => {
    const db = await cliDatabase('programs', name)
    try {
      const client = (await clientProgram(name)).join(' ')
      const { port, pathname } = new URL(db.url)
      const connect = `${client} --protocol=tcp -h127.0.0.1 -P${port} -uroot ${pathname.slice(1)} -e "${insertEntry()}"`
      const sh = (text: string) => quiesceIn({ env: db.env, cwd: db.folder })(...run, 'sh', '-c', text)
      expect(await sh(connect)).toMatchObject({ exitCode: 1 })
      expect(
        await sh(connect.replace('--protocol', '--init-command="$QUIESCE_INIT_COMMAND" --protocol')),
      ).toMatchObject({ exitCode: 0 })
      expect(await db.query('SELECT count(*) AS rows_ FROM entry')).toEqual([{ rows_: 1 }])
    } finally {
      await db.drop()
    }
  })
})
