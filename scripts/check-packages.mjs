// Checks each package as it would be published: its manifest and files, and how its types resolve.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const out = mkdtempSync(join(tmpdir(), 'quiesce-pack-'))

try {
  for (const name of readdirSync(join(root, 'packages'))) {
    const home = join(root, 'packages', name)
    run('npx', ['publint', 'run', '--strict', '--pack', 'npm'], home)
    // As it is published: pnpm turns `workspace:` into versions.
    run('npx', ['-y', 'pnpm@10', 'pack', '--pack-destination', out], home)
  }
  const tarballs = readdirSync(out).map((name) => join(out, name))
  for (const tarball of tarballs) run('npx', ['attw', '--profile', 'esm-only', tarball], root)
  installInto(mkdtempSync(join(tmpdir(), 'quiesce-consumer-')), tarballs)
} finally {
  rmSync(out, { recursive: true, force: true })
}

/** Installs what would be published into an empty application, and loads it there. */
function installInto(home, tarballs) {
  try {
    writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }')
    run(
      'npm',
      ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', ...tarballs],
      home,
    )
    const script = `const { createCluster } = await import('@quiesce/core'); await import('@quiesce/core/adapter')
      for (const shell of ['express', 'fastify', 'hono', 'koa', 'node', 'web', 'client']) await import('@quiesce/http/' + shell)
      createCluster({ database: 'postgres://x' }); console.log('the packed packages load')`
    run('node', ['--input-type=module', '-e', script], home)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function run(command, parameters, cwd) {
  const { status } = spawnSync(command, parameters, { cwd, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${command} ${parameters.join(' ')} failed in ${cwd}`)
}
