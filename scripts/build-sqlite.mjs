// Builds better-sqlite3 for the SQLite tests, once. Installing never runs a build script, so that the demo and everything
// else need no compiler; only the tests of SQLite need this.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const home = dirname(createRequire(join(root, 'packages/core/package.json')).resolve('better-sqlite3/package.json'))
const binary = join(home, 'build/Release/better_sqlite3.node')

if (existsSync(binary)) {
  console.log('better-sqlite3: up to date')
} else if (download() || compile()) {
  console.log('better-sqlite3: ready')
} else {
  console.error(
    `better-sqlite3 could be neither downloaded nor compiled in ${home}. It needs python3, make and a C++ compiler ` +
      `(on Debian: apt-get install python3 make g++), and Node's headers or the network.`,
  )
  process.exitCode = 1
}

/** The binary that its authors publish; fails without access to it. */
function download() {
  return run('npx', ['prebuild-install']).status === 0 && existsSync(binary)
}

/** Against the headers that came with this Node where there are any, so that nothing has to be fetched. */
function compile() {
  const prefix = resolve(process.execPath, '../..')
  const headers = existsSync(join(prefix, 'include/node/node.h')) ? [`--nodedir=${prefix}`] : []
  console.log('better-sqlite3: compiling, which takes a minute or two')
  // Unoptimised, which compiles in a third of the time; the tests ask little of it.
  const flags = { CFLAGS: '-O0', CXXFLAGS: '-O0' }
  // The variable too: npm hands on a `nodedir` of the user's settings by it, which wins over the flag.
  if (headers.length > 0) flags.npm_config_nodedir = prefix
  const { status, output } = run(
    'npx',
    ['-y', 'node-gyp@12.4.0', 'rebuild', '--release', '--jobs=max', ...headers],
    flags,
  )
  if (status !== 0) console.error(output.join('').slice(-4000))
  return status === 0
}

function run(command, parameters, environment = {}) {
  const env = { ...process.env, ...environment }
  return spawnSync(command, parameters, { cwd: home, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}
