// Many rounds of the fence's proof on real servers: pnpm proof [--rounds 1000] [--databases postgres,mysql,mariadb]
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1000' },
    databases: { type: 'string', default: process.env.QUIESCE_TEST_DATABASES ?? 'postgres,mysql,mariadb' },
  },
})
const env = { ...process.env, QUIESCE_PROOF_ROUNDS: values.rounds, QUIESCE_TEST_DATABASES: values.databases }
const { status } = spawnSync('npx', ['vitest', 'run', 'test/fence/proof.test.ts', '-t', 'rounds against'], {
  env,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
