// Checks each package as it would be published: its manifest and files, and how its types resolve.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { checkManifests } from './check-manifests.mjs'
import { packPackages, run } from './pack-packages.mjs'

const root = resolve(import.meta.dirname, '..')
const out = mkdtempSync(join(tmpdir(), 'quiesce-pack-'))

try {
  const packages = packPackages(out)
  for (const { manifest, bytes, files } of packages) {
    console.log(`${manifest.name}@${manifest.version}: ${(bytes / 1024).toFixed(0)} KiB packed, ${files.length} files`)
  }
  checkManifests(packages)
  for (const { manifest, tarball } of packages) {
    await checkManifest(manifest, tarball)
    run('npx', ['attw', '--profile', 'esm-only', tarball], root)
  }
  installInto(
    mkdtempSync(join(tmpdir(), 'quiesce-consumer-')),
    packages.map(({ tarball }) => tarball),
  )
} finally {
  rmSync(out, { recursive: true, force: true })
}

async function checkManifest(manifest, tarball) {
  const { buffer, byteOffset, byteLength } = readFileSync(tarball)
  const { messages } = await publint({
    pack: { tarball: buffer.slice(byteOffset, byteOffset + byteLength) },
    strict: true,
  })
  if (messages.length === 0) return
  const told = messages.map((message) => formatMessage(message, manifest) ?? message.code)
  throw new Error(`publint on ${manifest.name}:\n${told.join('\n')}`)
}

/** Installs what would be published into an empty application, and loads it there; `check:consumers` does more. */
function installInto(home, tarballs) {
  try {
    writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }')
    run(
      'npm',
      ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', ...tarballs],
      home,
    )
    const script = `const { createCluster } = await import('@quiesce/core'); await import('@quiesce/core/adapter')
      for (const shell of ['express', 'fastify', 'hono', 'koa', 'nest', 'next', 'node', 'trpc', 'yoga', 'apollo', 'web', 'client']) await import('@quiesce/http/' + shell)
      for (const entry of ['', '/node']) await import('@quiesce/dashboard' + entry)
      createCluster({ database: 'postgres://x' }); console.log('the packed packages load')`
    run('node', ['--input-type=module', '-e', script], home)
    run('npx', ['--no-install', 'quiesce', '--version'], home)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
