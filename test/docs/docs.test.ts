import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anchorsOf, linksOf, readPages, root, snippetsOf } from './pages.ts'

const pages = readPages()
const home = `${root}test/docs/generated/`

/** What the snippets take for granted of an application. */
const application: Readonly<Record<string, string>> = {
  'entities.ts': 'export class Card { id!: number }\nexport class Session { id!: string }\n',
  'cluster.ts': `import type { Cluster } from '@quiesce/core'\nimport type { Client } from 'pg'
export declare const cluster: Cluster\nexport declare const client: Client\n`,
  'quiesce.ts': `import type { Cluster } from '@quiesce/core'\nimport type { Pool } from 'pg'
export declare const cluster: Cluster\nexport declare const pool: Pool\n`,
  'application.ts': `import type { Cluster } from '@quiesce/core'
export declare const cluster: Cluster\nexport declare function createOrder(): Promise<object>\n`,
  'steps.ts':
    'export async function copyTables(_signal: AbortSignal): Promise<void> {}\nexport async function switchOver(): Promise<void> {}\n',
}

beforeAll(() => {
  rmSync(home, { recursive: true, force: true })
  const readme = pages.find(({ path }) => path === 'README.md')
  const shared = new Map([...Object.entries(application), ...(readme === undefined ? [] : namedSnippets(readme))])
  for (const page of pages.filter((page) => snippetsOf(page).length > 0)) {
    const folder = join(home, page.path.replace(/\W/g, '-'))
    mkdirSync(folder, { recursive: true })
    cpSync(`${root}test/prisma/generated`, join(folder, 'generated'), { recursive: true })
    const files = new Map([...shared, ...snippetsOf(page).map(({ file, text }) => [file, text] as const)])
    for (const [file, text] of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), `${text}\nexport {}\n`)
    }
  }
  writeFileSync(
    join(home, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: {
        noUnusedLocals: false,
        noUnusedParameters: false,
        noPropertyAccessFromIndexSignature: false,
        exactOptionalPropertyTypes: false,
      },
      include: ['**/*.ts', '**/*.tsx'],
      exclude: [],
    }),
  )
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

function namedSnippets(page: (typeof pages)[number]): readonly (readonly [string, string])[] {
  return snippetsOf(page).map(({ file, text }) => [file, text])
}

test('every piece of TypeScript in the documentation compiles in an application of its own', () => {
  expect(pages.flatMap(snippetsOf).length).toBeGreaterThan(5)
  const { stdout } = spawnSync('npx', ['tsc', '-p', home], { cwd: root, encoding: 'utf8' })
  expect(stdout).toBe('')
}, 120_000)

test('every page of the documentation is linked from its first one', () => {
  const first = pages.find(({ path }) => path === 'docs/README.md')
  const linked = new Set(first === undefined ? [] : linksOf(first).map((target) => target.split('#')[0]))
  const found = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' })
  expect(found.filter((name) => name.endsWith('.md') && name !== 'README.md' && !linked.has(name))).toEqual([])
})

describe.each(pages)('$path', (page) => {
  test('links only to what exists', () => {
    const broken = linksOf(page).filter((target) => !leadsSomewhere(page.path, target))
    expect(broken).toEqual([])
  })
})

function leadsSomewhere(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#')
  const path = file === '' ? from : normalize(join(dirname(from), file))
  if (!existsSync(root + path)) return false
  if (anchor === undefined) return true
  const page = pages.find((other) => other.path === relative('.', path))
  return page !== undefined && anchorsOf(page).has(anchor)
}
