import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/** Runs a command and fails with it. */
export function run(command, parameters, cwd, options = {}) {
  const { status, stdout } = spawnSync(command, parameters, { cwd, stdio: 'inherit', ...options })
  if (status !== 0) throw new Error(`${command} ${parameters.join(' ')} failed in ${cwd}`)
  return stdout
}

/** Packs every package as it is published, where pnpm has turned `workspace:` into versions. */
export function packPackages(out) {
  const parameters = ['-y', 'pnpm@10', '--recursive', '--filter', './packages/*', 'pack', '--pack-destination', out]
  run('npx', parameters, root, { stdio: ['ignore', 'ignore', 'inherit'] })
  return readdirSync(join(root, 'packages')).map((folder) => {
    const home = join(root, 'packages', folder)
    const source = readManifest(home)
    const tarball = join(out, `${source.name.replace('@', '').replace('/', '-')}-${source.version}.tgz`)
    const inside = (command, ...more) =>
      run('tar', [command, tarball, ...more], root, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' })
    const files = inside('-tzf').trim().split('\n')
    const manifest = JSON.parse(inside('-xzOf', 'package/package.json'))
    return { home, tarball, files, manifest, source, bytes: statSync(tarball).size }
  })
}

function readManifest(home) {
  return JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
}
