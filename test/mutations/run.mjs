// Breaks each safety rule once, in a copy of the repository, and checks that its test turns red. Usage: run.mjs [TEXT in a rule]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chaos } from './chaos.mjs'
import { mutations } from './mutations.mjs'

const root = resolve(import.meta.dirname, '../..')
// A run of chaos takes a minute, so its rules are broken only when somebody asks for them.
const text = process.argv[2] ?? ''
const isChaos = text.startsWith('chaos')
const wanted = (isChaos ? chaos : mutations).filter(({ rule }) => rule.includes(text))
const copy = join(mkdtempSync(join(process.env.MUTATION_DIR ?? tmpdir(), 'quiesce-mutations-')), 'copy')
let survivors = 0
/** Most rules are the same on every server; one is enough, unless a rule or somebody wants others. */
const env = { QUIESCE_TEST_DATABASES: 'postgres', ...process.env }

try {
  run('cp', ['-al', root, copy], root) || run('cp', ['-a', root, copy], root) || fail(`could not copy ${root}`)
  // What the compiler writes must not reach the originals through a hard link.
  run('npm', ['run', 'clean'], copy) || fail('could not clean the copy')
  // The applications of chaos have both ORMs.
  const packages = isChaos ? ['core', 'prisma', 'typeorm'] : ['core']
  run('npx', ['tsc', '-b', ...packages.map((name) => `packages/${name}`)], copy) || fail('the copy does not build')
  for (const mutation of wanted) {
    const undo = apply(mutation)
    const built = run('npx', ['tsc', '-b', 'packages/core'], copy)
    const onServer = mutation.databases === undefined ? {} : { QUIESCE_TEST_DATABASES: mutation.databases }
    const more = { ...onServer, ...mutation.env }
    const name = mutation.name.replaceAll(/[()]/g, '.')
    const found = verdictOf(mutation, ['vitest', 'run', mutation.test, '-t', name], more)
    undo()
    const verdict = built ? found : 'DOES NOT BUILD'
    if (verdict !== 'caught') survivors += 1
    console.log(`${verdict.padEnd(14)} ${mutation.rule}  (${mutation.test}: ${mutation.name})`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
console.log(`${wanted.length - survivors} caught, ${survivors} not`)
process.exitCode = survivors === 0 && wanted.length > 0 ? 0 : 1

/**
 * What became of a mutation: `caught` when its test failed. Where a violation is named, a test that fails for any other
 * reason has not seen the defect; and where no test has this name, none has looked.
 */
function verdictOf({ violates }, parameters, more) {
  const options = { cwd: copy, env: { ...env, ...more, NO_COLOR: '1' }, encoding: 'utf8', maxBuffer: 2 ** 28 }
  const { status, stdout, stderr } = spawnSync('npx', parameters, options)
  if (process.env.MUTATION_VERBOSE) console.log(stdout, stderr)
  if (violates !== undefined) return stdout.includes(`${violates}: `) ? 'caught' : 'SURVIVED'
  if (status === 0) return /Tests .*\bpassed\b/.test(stdout) ? 'SURVIVED' : 'NO SUCH TEST'
  return 'caught'
}

/** Writes new files, because the copy's are hard links to the originals. */
function apply({ rule, edits }) {
  const originals = edits.map(({ file, from, to }) => {
    const path = join(copy, file)
    const text = readFileSync(path, 'utf8')
    if (!text.includes(from)) fail(`${rule}: ${file} does not contain ${JSON.stringify(from)}`)
    replace(
      path,
      text.replace(from, () => to),
    )
    return { path, text }
  })
  return () => {
    for (const { path, text } of originals.reverse()) replace(path, text)
  }
}

function replace(path, text) {
  unlinkSync(path)
  writeFileSync(path, text)
}

function run(command, parameters, cwd, more = {}) {
  const stdio = process.env.MUTATION_VERBOSE ? 'inherit' : 'ignore'
  return spawnSync(command, parameters, { cwd, env: { ...env, ...more }, stdio }).status === 0
}

function fail(message) {
  throw new Error(message)
}
