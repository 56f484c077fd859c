import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Workspace packages are tested from their sources; child processes of the integration tests use what was built.
const fromSource = { conditions: ['@quiesce/source'] }
const legacyDecorators = { decorator: { legacy: true, emitDecoratorMetadata: true } }

/** What ten minutes do not hold; `pnpm test:long` runs it: launchers, an older ORM's whole matrix, runs under faults on MariaDB. */
const slow = [
  'test/servers/test/{mysql,postgres}.test.ts',
  'test/typeorm-0.3/{sqlite,typeorm}.test.ts',
  'test/runs/faults.mariadb.test.ts',
]
/** A file that somebody names is run. */
const isNamed = process.argv.some((word) => word.startsWith('test/'))
const left = isNamed || process.env['QUIESCE_TEST_LONG'] === '1' ? [] : slow
/** A file without a test fails a run: those that have none without MySQL or MariaDB are left out of it. */
const wantsMysql = /mysql|mariadb/.test(process.env['QUIESCE_TEST_DATABASES']?.trim() || 'mysql')
const withoutMysql = wantsMysql ? [] : ['test/{prisma,typeorm}/mysql/**']
/** better-sqlite3 12 aborts under Node 24 in garbage collection, and takes the worker with it; see docs/packages.md. */
const withoutSqlite = process.versions.node.startsWith('24.') ? ['test/{,*/}sqlite/**', 'test/**/sqlite.test.ts'] : []

/** They take longest: begun first, they don't keep a run waiting for one worker at its end. */
const longest = [
  'chaos/chaos',
  'late-commits',
  'takeover',
  'fence/proof',
  'rules',
  'mysql/suites',
  'freezes',
  'faults.mysql',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = longest.findIndex((part) => moduleId.includes(part))
      return index === -1 ? longest.length : index
    }
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // The files of a worker share its modules: half of a run's time would go into loading them anew for each.
    isolate: false,
    // Most tests wait for leases and servers, not for a processor.
    maxWorkers: 4,
    // Projects take nothing of this without `extends`.
    projects: [
      {
        extends: true,
        resolve: fromSource,
        ssr: { resolve: fromSource },
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        resolve: fromSource,
        ssr: { resolve: fromSource },
        oxc: legacyDecorators,
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...left, ...withoutMysql, ...withoutSqlite],
          globalSetup: ['./test/support/build-apps.ts', './test/servers/src/vitest-global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
