// Runs every test, with all rounds and faults; further parameters go to vitest.
import { spawnSync } from 'node:child_process'

const env = { ...process.env, QUIESCE_TEST_LONG: '1', QUIESCE_EXAMPLES_NEXT: '1' }
const { status } = spawnSync('npx', ['vitest', 'run', ...process.argv.slice(2)], { stdio: 'inherit', env })
process.exitCode = status ?? 1
