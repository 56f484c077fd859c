// Installs the packed packages into real applications, compiles and runs those. Usage: check.mjs [TEXT in a name…]
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@quiesce/test-servers'
import { packPackages } from '../../scripts/pack-packages.mjs'
import { consumers } from './consumers.mjs'

const texts = process.argv.slice(2)
const wanted = Object.entries(consumers).filter(
  ([name]) => texts.length === 0 || texts.some((text) => name.includes(text)),
)
const home = mkdtempSync(join(tmpdir(), 'quiesce-consumers-'))
const server = wanted.some(([, { needsDatabase }]) => needsDatabase) ? await startPostgres() : undefined
const failed = []

try {
  const packages = packPackages(home)
  const tarballs = packages.map(({ tarball }) => tarball)
  for (const [index, [name, consumer]] of wanted.entries()) {
    const startedAt = performance.now()
    const folder = join(home, `consumer-${index}`)
    const url = consumer.needsDatabase ? await server.createDatabase(`consumer_${index}`) : undefined
    const output = consume(folder, consumer, tarballs, url)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
    console.log(`${output === undefined ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
    if (output !== undefined) failed.push(`${name}:\n${output}`)
    rmSync(folder, { recursive: true, force: true })
  }
} finally {
  await server?.stop()
  rmSync(home, { recursive: true, force: true })
}
for (const failure of failed) console.error(`\n${failure}`)
console.log(`${wanted.length - failed.length} consumers work, ${failed.length} don't`)
process.exitCode = failed.length === 0 && wanted.length > 0 ? 0 : 1

/** What went wrong, or `undefined`. */
function consume(folder, { fixture, type, install, snippet, commands }, tarballs, url) {
  cpSync(join(import.meta.dirname, 'fixtures', fixture), folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type }))
  if (snippet !== undefined) writeFileSync(join(folder, snippet), snippetOf(snippet))
  const flags = ['--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', '--prefer-offline']
  for (const [command, ...parameters] of [['npm', 'install', ...flags, ...tarballs, ...install], ...commands]) {
    const { status, stdout, stderr } = spawnSync(command, parameters, {
      cwd: folder,
      encoding: 'utf8',
      timeout: 300_000,
      env: {
        ...process.env,
        ...(url === undefined ? {} : { DATABASE_URL: url }),
        // The CLI downloads the schema engine before any command, though `generate` never starts it.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        CHECKPOINT_DISABLE: '1',
        CI: '1',
      },
    })
    if (status !== 0) return `${command} ${parameters.join(' ')} ended with ${status}\n${stdout}${stderr}`
  }
  return undefined
}

/** The file as the page shows it to readers. */
function snippetOf(file) {
  const page = readFileSync(join(import.meta.dirname, '../../docs/packages.md'), 'utf8')
  const block = page.split('```').find((text) => text.startsWith(`js\n// ${file}\n`))
  if (block === undefined) throw new Error(`docs/packages.md shows no ${file}`)
  return block.slice('js\n'.length)
}
