// Checks each package as it would be published: its manifest and files, and how its types resolve.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const out = mkdtempSync(join(tmpdir(), 'quiesce-pack-'))

try {
  for (const name of readdirSync(join(root, 'packages'))) {
    const home = join(root, 'packages', name)
    run('npx', ['publint', 'run', '--strict', '--pack', 'npm'], home)
    run('npm', ['pack', '--silent', '--pack-destination', out], home)
  }
  for (const tarball of readdirSync(out)) run('npx', ['attw', '--profile', 'esm-only', join(out, tarball)], root)
} finally {
  rmSync(out, { recursive: true, force: true })
}

function run(command, parameters, cwd) {
  const { status } = spawnSync(command, parameters, { cwd, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${command} ${parameters.join(' ')} failed in ${cwd}`)
}
