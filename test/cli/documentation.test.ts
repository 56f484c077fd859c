import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as documents from 'quiesce'
import { parse as words } from 'shell-quote'
import { describe, expect, test, vi } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { EXIT } from '../../packages/cli/src/exit-code.ts'
import { makeProgram } from '../../packages/cli/src/program.ts'
import { loadConfig } from '../../packages/cli/src/settings/config-file.ts'

const root = join(import.meta.dirname, '../..')
const pages = ['README.md', ...pageNames()]
const page = (name: string): string => readFileSync(join(root, name), 'utf8')

function pageNames(): readonly string[] {
  const names = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  return names.map((name) => `docs/${name}`)
}

/** Reads a command line as the command would, without doing it; what is wrong with it. */
async function complaintsAbout(argv: readonly string[]): Promise<string> {
  const said: string[] = []
  const collect = { write: (text: string) => said.push(text) }
  const program = makeProgram(
    { stdout: { write: () => true }, stderr: collect },
    { env: { QUIESCE_REASON: undefined }, run: async ({ check }) => check() },
  )
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    said.push(error instanceof Error ? error.message : String(error))
  }
  return said.join('')
}

/** The command lines of the command in a shell's text. */
function commandsIn(shell: string): readonly (readonly string[])[] {
  const lines = shell.replaceAll('\\\n', ' ').split('\n')
  return lines
    .map((line) => line.trim().replace(/^npx /, ''))
    .filter((line) => /^quiesce\b/.test(line))
    .map(argvOf)
}

function argvOf(line: string): readonly string[] {
  // What CI systems and Helm put in later is one word.
  const parsed = words(line.replaceAll(/\$?\{\{.*?\}\}/g, 'later'), (name) => `$${name}`)
  // What is behind a pipe or a redirection is the shell's.
  const shells = parsed.findIndex((word) => typeof word !== 'string' && 'op' in word && word.op !== 'glob')
  return parsed
    .slice(0, shells < 0 ? undefined : shells)
    .map((word) => (typeof word === 'string' ? word : 'op' in word && word.op === 'glob' ? word.pattern : undefined))
    .filter((word) => word !== undefined)
    .slice(1)
}

describe('every command line', () => {
  const shells = pages.flatMap((name) =>
    [...page(name).matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, text = '']) =>
      commandsIn(text).map((argv) => ({ name, argv })),
    ),
  )
  test('of the pages is one that the command takes (catches a flag that was renamed)', async () => {
    expect(shells.length).toBeGreaterThan(30)
    for (const { name, argv } of shells) expect(await complaintsAbout(argv), `${name}: ${argv.join(' ')}`).toBe('')
    expect(await complaintsAbout(['run', '--reason', 'x', '--tiemout', '1s', '--', 'true'])).toContain('--tiemout')
    expect(await complaintsAbout(['run', '--timeout', '30', '--', 'true'])).toMatch(/--reason[\s\S]*--timeout/)
  })

  test('of the manifests, too, and their times fit together', async () => {
    const folder = join(root, 'examples/kubernetes')
    const manifests = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
    let seen = 0
    for (const { name, text } of manifests) {
      for (const document of parseAllDocuments(text)) {
        expect(document.errors, name).toEqual([])
        for (const argv of commandsOf(document.toJS())) {
          seen += 1
          expect(await complaintsAbout(argv), `${name}: ${argv.join(' ')}`).toBe('')
        }
        if (document.get('kind') === 'Job') expectEnoughTime(document.toJS())
      }
    }
    expect(seen).toBe(6)
  })
})

/** The command lines in containers and in steps of CI. */
function commandsOf(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return []
  const { command, run } = value as { readonly command?: unknown; readonly run?: unknown }
  const own = Array.isArray(command) && String(command[0]).endsWith('/quiesce') ? [command.slice(1).map(String)] : []
  const shell = typeof run === 'string' ? commandsIn(run) : []
  return [...own, ...shell, ...Object.values(value).flatMap(commandsOf)]
}

function expectEnoughTime(job: {
  readonly spec: {
    readonly activeDeadlineSeconds: number
    readonly backoffLimit: number
    readonly template: {
      readonly spec: { readonly terminationGracePeriodSeconds: number; readonly containers: object[] }
    }
  }
}): void {
  const { activeDeadlineSeconds, backoffLimit, template } = job.spec
  const line = commandsOf(template.spec.containers).flat().join(' ')
  const minutes = Number(/--timeout=(\d+)m/.exec(line)?.[1])
  const grace = Number(/--grace=(\d+)s/.exec(line)?.[1])
  expect(activeDeadlineSeconds).toBeGreaterThan((60 * minutes + grace) * (backoffLimit + 1))
  expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(grace)
}

/** What of zod's literals and enums is looked at. */
interface LiteralOrEnum {
  readonly values?: ReadonlySet<string>
  readonly options?: readonly string[]
}

describe('the page of the command', () => {
  const text = page('docs/cli.md')

  test('has a configuration that both the command and the application take', async () => {
    const home = join(import.meta.dirname, 'generated')
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home)
    for (const [, file = '', code = ''] of text.matchAll(/<!-- file: (\S+) -->\n```ts\n([\s\S]*?)```/g)) {
      writeFileSync(join(home, file), code)
    }
    const loaded = await loadConfig(home, undefined)
    expect(loaded?.config).toMatchObject({ namespace: 'shop', exempt: { core_session: true } })
    vi.stubEnv('DATABASE_URL', 'postgres://nobody@127.0.0.1:1/none')
    const { cluster } = await import(join(home, 'quiesce.ts'))
    expect(cluster.state.mode).toBe('starting')
    await cluster.close()
    rmSync(home, { recursive: true })
  })

  test('has every command', () => {
    const run = async (): Promise<void> => {}
    const { commands } = makeProgram({ stdout: { write: () => true }, stderr: { write: () => true } }, { env: {}, run })
    const described = [...text.matchAll(/^\| `quiesce (\w+)` \|/gm)].map(([, name]) => name)
    expect(described.sort()).toEqual(commands.map((command) => command.name()).sort())
  })

  test('has every exit code', () => {
    const described = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
    expect(described).toEqual(Object.values(EXIT))
  })

  test('has every document', () => {
    const described = [...text.matchAll(/\| `(quiesce\.[\w-]+\/\d+)` \| `(\w+)` \|/g)].map(
      ([, schema, name]) => `${schema} ${name}`,
    )
    const exported = Object.entries(documents).flatMap(([name, schema]) => {
      if (typeof schema !== 'object') return []
      const { shape } = schema as unknown as { readonly shape: { readonly schema: LiteralOrEnum } }
      return [...(shape.schema.options ?? shape.schema.values ?? [])].map((value) => `${value} ${name}`)
    })
    expect(described.sort()).toEqual(exported.sort())
  })
})
