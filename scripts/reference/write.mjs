// Writes the reference of the packages from their docstrings to docs/reference; with --check only says what is not up to date.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix, resolve } from 'node:path'
import { Application } from 'typedoc'

const root = resolve(import.meta.dirname, '../..')
const home = join(root, 'docs/reference')

/** What users import, and the page that describes it. */
const pages = {
  'core.md': ['@quiesce/core', 'packages/core/src/index.ts'],
  'core-adapter.md': ['@quiesce/core/adapter', 'packages/core/src/adapter.ts'],
  'core-opentelemetry.md': ['@quiesce/core/opentelemetry', 'packages/core/src/opentelemetry.ts'],
  'core-prometheus.md': ['@quiesce/core/prometheus', 'packages/core/src/prometheus.ts'],
  'prisma.md': ['@quiesce/prisma', 'packages/prisma/src/index.ts'],
  'typeorm.md': ['@quiesce/typeorm', 'packages/typeorm/src/index.ts'],
  'http.md': ['@quiesce/http', 'packages/http/src/index.ts'],
  'http-client.md': ['@quiesce/http/client', 'packages/http/src/client.ts'],
  'dashboard.md': ['@quiesce/dashboard', 'packages/dashboard/src/index.ts'],
}

const isCheck = process.argv.includes('--check')
const stale = []
for (const [file, text] of await readPages()) {
  const path = join(home, file)
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
  if (isCheck) stale.push(`docs/reference/${file}`)
  else {
    mkdirSync(home, { recursive: true })
    writeFileSync(path, text)
  }
}
if (stale.length > 0) {
  console.error(`Not up to date: ${stale.join(', ')}. Run pnpm docs:reference.`)
  process.exitCode = 1
}

/** Every page with its text; they link to each other. */
async function readPages() {
  const out = mkdtempSync(join(tmpdir(), 'quiesce-reference-'))
  try {
    await generate(out)
    return Object.entries(pages).map(([file, [name, entry]]) => {
      const made = `${entry.replace(/^packages\//, '').replace(/(\/index)?\.ts$/, '')}.md`
      const text = readFileSync(join(out, made), 'utf8').trim()
      const linked = text.replace(/\]\(([^)#:]+\.md)/g, (_, target) => `](${pageOf(posix.join(dirname(made), target))}`)
      return [file, `# ${name}\n\nMade from the docstrings by \`pnpm docs:reference\`.\n\n${linked}\n`]
    })
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

/** The page that was made as `made`. */
function pageOf(made) {
  const found = Object.entries(pages).find(
    ([, [, entry]]) =>
      entry === `packages/${made.replace(/\.md$/, '')}.ts` ||
      entry === `packages/${made.replace(/\.md$/, '')}/index.ts`,
  )
  if (found === undefined) throw new Error(`a link leads to ${made}, which is no page`)
  return found[0]
}

async function generate(out) {
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    tsconfig: join(import.meta.dirname, 'tsconfig.json'),
    entryPoints: Object.values(pages).map(([, entry]) => join(root, entry)),
    readme: 'none',
    excludeExternals: true,
    disableSources: true,
    skipErrorChecking: true,
    logLevel: 'Error',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    hidePageTitle: true,
    outputFileStrategy: 'modules',
    out,
  })
  const project = await app.convert()
  if (project === undefined) throw new Error('the packages could not be read')
  await app.generateOutputs(project)
}
