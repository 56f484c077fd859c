import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CliDatabase } from './cli-database.ts'

const ofPrisma6 = createRequire(new URL('../../prisma-6/package.json', import.meta.url))
const require = createRequire(import.meta.url)

/** The executables that Prisma's command would download before it looks whether it needs them; with a driver adapter it never starts one. */
const noDownloads = [
  `PRISMA_SCHEMA_ENGINE_BINARY=${process.execPath}`,
  `PRISMA_QUERY_ENGINE_LIBRARY=${process.execPath}`,
  'CHECKPOINT_DISABLE=1',
  'PRISMA_HIDE_UPDATE_MESSAGE=1',
]
/** Its engine forgets a timer of ten seconds, for which its process would stay. */
const leaveAtOnce = `const plain = setTimeout
globalThis.setTimeout = (work, ms, ...more) => {
  const timer = plain(work, ms, ...more)
  if (ms === 10_000) timer.unref()
  return timer
}`

/** A Prisma project in the folder of a database. */
export interface PrismaProject {
  /** What executes `prisma migrate deploy` in it. */
  readonly deploy: readonly string[]
  addMigration(name: string, sql: string): void
}

/**
 * Writes a project for Prisma 6's own command, whose schema engine can run in JavaScript on a driver adapter; the one of
 * Prisma 7 is a download.
 */
export function prismaProject(db: CliDatabase): PrismaProject {
  // Adapters of Prisma 6 cannot read the type in which PostgreSQL tells the names of schemas.
  const adapter = pathToFileURL(require.resolve('@prisma/adapter-pg')).href
  db.file('schema.prisma', 'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n')
  db.file('migrations/migration_lock.toml', 'provider = "postgresql"\n')
  const config = db.file(
    'prisma.config.mjs',
    `import { PrismaPg } from ${JSON.stringify(adapter)}
     export default {
       schema: 'schema.prisma',
       migrations: { path: 'migrations' },
       experimental: { adapter: true },
       engine: 'js',
       // Prisma never closes the pool, for whose connections its process stays too.
       adapter: async () => new PrismaPg({ connectionString: process.env.DATABASE_URL, allowExitOnIdle: true }),
     }`,
  )
  const preload = db.file('leave-at-once.cjs', leaveAtOnce)
  const cli = join(ofPrisma6.resolve('prisma/package.json'), '../build/index.js')
  return {
    deploy: [
      'env',
      ...noDownloads,
      process.execPath,
      '--require',
      preload,
      cli,
      'migrate',
      'deploy',
      '--config',
      config,
    ],
    addMigration(name, sql) {
      db.file(`migrations/${name}/migration.sql`, sql)
    },
  }
}
