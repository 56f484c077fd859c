import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

const sources = new Map<string, string | undefined>()

/** The text of a file; `undefined` where there is none. */
function sourceOf(file: string): string | undefined {
  if (!sources.has(file)) sources.set(file, existsSync(root + file) ? readFileSync(root + file, 'utf8') : undefined)
  return sources.get(file)
}

interface Mutation {
  readonly rule: string
  readonly test: string
  readonly edits: ReadonlyArray<{ readonly file: string; readonly from: string; readonly to: string }>
}

/** What keeps a mutation from being made as it is meant: one edit after the other, each in the one place that it names. */
function obstaclesTo({ rule, test: path, edits }: Mutation): readonly string[] {
  const obstacles = sourceOf(path) !== undefined ? [] : [`${rule}: there is no ${path}`]
  const texts = new Map<string, string>()
  for (const { file, from, to } of edits) {
    const text = texts.get(file) ?? sourceOf(file) ?? ''
    const times = text.split(from).length - 1
    if (times !== 1 || from === to)
      obstacles.push(
        `${rule}: ${file} contains ${times} times ${JSON.stringify(from)}, which becomes ${JSON.stringify(to)}`,
      )
    texts.set(
      file,
      text.replace(from, () => to),
    )
  }
  return obstacles
}

/** Their lists are scripts, which the compiler does not read. */
async function listOf(name: 'mutations' | 'chaos'): Promise<readonly Mutation[]> {
  return (await import(`${root}test/mutations/${name}.mjs`))[name]
}

test('each mutation finds the one place that it breaks (catches a text that was moved or doubled)', async () => {
  const all = [...(await listOf('mutations')), ...(await listOf('chaos'))]
  expect(all.flatMap(obstaclesTo)).toEqual([])
})
