import type { Analysis, ControlAction } from './analysis.ts'
import { nameAt, type Statement, signAt, tokenAt, wordAt } from './statement.ts'

const MODES = new Set(
  `work transaction isolation level serializable repeatable read committed uncommitted only write deferrable not deferred
  immediate exclusive concurrent with consistent snapshot`.split(/\s+/),
)
const ENDINGS = new Set(['work', 'transaction', 'and', 'no', 'not', 'chain', 'release'])
const WORK = new Set(['work'])
const NOTHING: ReadonlySet<string> = new Set()

/** What a statement that begins with a word of transaction control does; `unknown` where its rest isn't understood. */
export function controlAnalysis(statement: Statement, at: number): Analysis {
  const word = wordAt(statement, at)
  const action = Object.hasOwn(READERS, word) ? READERS[word]?.(statement, at) : undefined
  return action === undefined ? { kind: 'unknown', why: 'unfamiliar transaction control' } : { kind: 'control', action }
}

type ActionReader = (statement: Statement, at: number) => ControlAction | undefined

const READERS: Readonly<Record<string, ActionReader>> = {
  begin: (statement, at) => (onlyWords(statement, at + 1, isMysql(statement) ? WORK : MODES) ? 'begin' : undefined),
  start: (statement, at) =>
    wordAt(statement, at + 1) === 'transaction' && onlyWords(statement, at + 1, MODES) ? 'begin' : undefined,
  commit: (statement, at) => {
    if (wordAt(statement, at + 1) === 'prepared') return named(statement, at + 2) ? 'commit-prepared' : undefined
    return onlyWords(statement, at + 1, ENDINGS) ? 'commit' : undefined
  },
  end: (statement, at) => (!isMysql(statement) && onlyWords(statement, at + 1, ENDINGS) ? 'commit' : undefined),
  abort: (statement, at) =>
    statement.grammar === 'postgres' && onlyWords(statement, at + 1, ENDINGS) ? 'rollback' : undefined,
  rollback: (statement, at) => rollback(statement, at + 1),
  savepoint: (statement, at) => (named(statement, at + 1) ? 'savepoint' : undefined),
  release: (statement, at) =>
    named(statement, wordAt(statement, at + 1) === 'savepoint' ? at + 2 : at + 1) ? 'release' : undefined,
  prepare: (statement, at) =>
    wordAt(statement, at + 1) === 'transaction' && named(statement, at + 2) ? 'prepare-transaction' : undefined,
}

function isMysql({ grammar }: Statement): boolean {
  return grammar === 'mysql' || grammar === 'mariadb'
}

function rollback(statement: Statement, at: number): ControlAction | undefined {
  if (wordAt(statement, at) === 'prepared') return named(statement, at + 1) ? 'rollback' : undefined
  const to = /^(work|transaction)$/.test(wordAt(statement, at)) ? at + 1 : at
  if (wordAt(statement, to) !== 'to') return onlyWords(statement, at, ENDINGS) ? 'rollback' : undefined
  return named(statement, wordAt(statement, to + 1) === 'savepoint' ? to + 2 : to + 1) ? 'rollback-to' : undefined
}

/** Exactly one name (or string) stands here, and nothing behind it. */
function named(statement: Statement, at: number): boolean {
  const name = nameAt(statement, at) !== undefined || tokenAt(statement, at)?.kind === 'string'
  return name && onlyWords(statement, at + 1, NOTHING)
}

function onlyWords(statement: Statement, from: number, words: ReadonlySet<string>): boolean {
  for (let index = from; index < statement.to; index++) {
    if (!words.has(wordAt(statement, index)) && !signAt(statement, index, ',')) return false
  }
  return true
}
