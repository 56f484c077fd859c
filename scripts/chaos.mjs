// Faults against running clusters: pnpm chaos [--minutes 10] [--seed 1] [--database postgres,mysql,mariadb] [--faults "a;b"]
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    database: { type: 'string', default: process.env.QUIESCE_TEST_DATABASES ?? 'postgres,mysql,mariadb' },
    faults: { type: 'string' },
  },
})
const env = {
  ...process.env,
  QUIESCE_CHAOS_MINUTES: values.minutes,
  QUIESCE_CHAOS_SEED: values.seed,
  QUIESCE_TEST_DATABASES: values.database,
  ...(values.faults === undefined ? {} : { QUIESCE_CHAOS_FAULTS: values.faults }),
}
const { status } = spawnSync('npx', ['vitest', 'run', 'test/chaos/chaos.test.ts'], { env, stdio: 'inherit' })
process.exitCode = status ?? 1
