// Runs benchmarks, each in a process of its own; all of them, or those that are named.
// pnpm bench [guards locks freeze sql …]
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const home = import.meta.dirname
const known = readdirSync(home).filter((name) => existsSync(join(home, name, 'main.ts')))
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. Known: ${known.join(', ')}.`)
  process.exit(2)
}
let failed = 0
for (const name of wanted.length > 0 ? wanted : known) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(home, name, 'main.ts')], {
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (status !== 0) failed++
}
process.exitCode = failed === 0 ? 0 : 1
