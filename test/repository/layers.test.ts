import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Diagnostic {
  readonly message: string
  readonly location: { readonly path: string }
}

/** What lint says of texts that stand in these files for a moment. */
function lint(planted: ReadonlyArray<readonly [path: string, text: string]>): readonly Diagnostic[] {
  try {
    for (const [path, text] of planted) writeFileSync(`${root}/${path}`, `${text}\n`)
    const files = planted.map(([path]) => path)
    const { stdout } = spawnSync('npx', ['biome', 'lint', '--reporter=json', ...files], { cwd: root, encoding: 'utf8' })
    return JSON.parse(stdout).diagnostics
  } finally {
    for (const [path] of planted) rmSync(`${root}/${path}`, { force: true })
  }
}

const forbidden: ReadonlyArray<readonly [path: string, text: string, message: string]> = [
  ['packages/core/src/domain/planted-upward.ts', "import '../cluster/gate.ts'", 'domain is pure'],
  ['packages/core/src/domain/planted-node.ts', "import 'node:fs'", 'domain is pure'],
  ['packages/core/src/sql/planted-upward.ts', "import '../dialects/dialect.ts'", 'sql imports only domain'],
  [
    'packages/core/src/dialects/planted-upward.ts',
    "import '../cluster/gate.ts'",
    'dialects import only domain and sql',
  ],
  [
    'packages/core/src/cluster/planted-dialect.ts',
    "import '../dialects/postgres/names.ts'",
    'cluster does not know which database',
  ],
  [
    'packages/core/src/cluster/planted-metrics.ts',
    "import '../observability/metrics.ts'",
    'cluster tells by events; who watches it',
  ],
  ['packages/prisma/src/planted-core.ts', "import '@quiesce/core'", 'Adapters import @quiesce/core/adapter'],
  [
    'packages/typeorm/src/planted-deep.ts',
    "import '../../core/src/cluster/gate.ts'",
    'Adapters import @quiesce/core/adapter',
  ],
  [
    'packages/http/src/planted-deep.ts',
    "import '@quiesce/core/testing'",
    'Adapters import @quiesce/core and @quiesce/core/adapter',
  ],
  [
    'packages/dashboard/src/planted-deep.ts',
    "import '@quiesce/core/testing'",
    'Adapters import @quiesce/core and @quiesce/core/adapter',
  ],
  ['packages/cli/src/planted-deep.ts', "import '@quiesce/core/adapter'", 'The command uses what applications use'],
  ['packages/core/src/cluster/planted-throw.ts', "throw new Error('x')", 'never a bare error'],
]
const allowed: ReadonlyArray<readonly [path: string, text: string]> = [
  ['packages/core/src/cluster/planted-downward.ts', "import '../domain/mode.ts'"],
  ['packages/prisma/src/planted-adapter.ts', "import '@quiesce/core/adapter'"],
  ['packages/http/src/planted-core.ts', "import '@quiesce/core'"],
]

test('lint refuses imports that point upward or too deep, and bare errors (catches a layer rule that matches nothing)', () => {
  const said = lint(forbidden.map(([path, text]) => [path, text]))
  for (const [path, , message] of forbidden) {
    const ofFile = said.filter(({ location }) => location.path === path).map((diagnostic) => diagnostic.message)
    expect(ofFile.join(), path).toContain(message)
  }
})

test('lint lets the layers import what they may', () => {
  expect(lint(allowed)).toEqual([])
})
