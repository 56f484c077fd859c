// Generates the Prisma clients that the tests and the examples use; skips those that are up to date.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** Each package with its Prisma schemas; the package decides which version of Prisma generates them. */
const homes = [join(root, 'test'), join(root, 'test/prisma-6'), ...foldersIn(join(root, 'examples'))]
const schemas = homes.flatMap((home) => {
  const folders = [home, join(home, 'prisma'), ...foldersIn(join(home, 'prisma'))]
  return folders
    .map((folder) => ({ home, schema: join(folder, 'schema.prisma') }))
    .filter(({ schema }) => existsSync(schema))
})

for (const { home, schema } of schemas) {
  const version = versionOfPrisma(home)
  const output = outputOf(schema)
  const stampFile = join(output, '.stamp')
  const stamp = createHash('sha256').update(version).update(readFileSync(schema)).digest('hex')
  const isCurrent = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
  if (!isCurrent) {
    generate(home, schema)
    writeFileSync(stampFile, stamp)
  }
  console.log(`${relative(root, schema)}: ${isCurrent ? 'up to date' : 'generated'} (prisma ${version})`)
}

function foldersIn(folder) {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name))
}

function versionOfPrisma(home) {
  const require = createRequire(join(home, 'package.json'))
  return JSON.parse(readFileSync(require.resolve('prisma/package.json'), 'utf8')).version
}

function outputOf(schema) {
  const output = /^\s*output\s*=\s*"(?<path>[^"]+)"/m.exec(readFileSync(schema, 'utf8'))?.groups?.path
  if (output === undefined) fail(`${relative(root, schema)} names no output for its generator.`)
  return resolve(dirname(schema), output)
}

function generate(home, schema) {
  const require = createRequire(join(home, 'package.json'))
  const cli = join(dirname(require.resolve('prisma/package.json')), 'build/index.js')
  const run = spawnSync(process.execPath, [cli, 'generate', '--schema', schema], {
    cwd: home,
    encoding: 'utf8',
    env: {
      // The CLI downloads the schema engine before any command, though `generate` never starts it: any executable will do.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
      ...process.env,
    },
  })
  if (run.status !== 0) fail(`${relative(root, schema)}: prisma generate failed.\n${run.stdout}${run.stderr}`)
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
