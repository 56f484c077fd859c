// Runs a command under another version of Node.js, whose binary comes from npm. Usage: check-node.mjs VERSION [COMMAND…];
// without a command it installs the packed packages into real applications there, as `check:consumers` does.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'

const [version, ...given] = process.argv.slice(2)
if (version === undefined || !/^[\d.]+$/.test(version)) {
  console.error('Which Node.js? For instance: pnpm check:node 22, or pnpm check:node 24 npx vitest run --project unit')
  process.exit(64)
}
const command = given.length > 0 ? given : ['node', '--import', 'tsx', 'test/packages/check.mjs']
const prefix = install(version)
const { status } = spawnSync('sh', ['-c', 'node --version && exec "$@"', 'sh', ...command], {
  cwd: resolve(import.meta.dirname, '..'),
  stdio: 'inherit',
  // The headers are beside the binary, for what is compiled.
  env: {
    ...process.env,
    PATH: `${join(prefix, 'bin')}${delimiter}${process.env['PATH']}`,
    npm_config_nodedir: prefix,
  },
})
process.exitCode = status ?? 1

/** Where it is; downloaded once. */
function install(wanted) {
  const home = join(homedir(), '.cache/quiesce-test-node', wanted)
  const unpacked = join(home, 'package')
  if (existsSync(join(unpacked, 'bin/node'))) return unpacked
  mkdirSync(home, { recursive: true })
  run('npm', ['pack', '--silent', `node-${process.platform}-${process.arch}@${wanted}`], home)
  const tarball = readdirSync(home).find((name) => name.endsWith('.tgz'))
  run('tar', ['-xzf', tarball], home)
  return unpacked
}

function run(program, parameters, cwd) {
  const done = spawnSync(program, parameters, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  if (done.status !== 0) throw new Error(`${program} ${parameters.join(' ')} failed`)
}
