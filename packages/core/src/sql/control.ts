import type { Analysis, ControlAction } from './analysis.ts'
import { nameAt, type Statement, signAt, tokenAt, wordAt, wordsAt } from './statement.ts'

const MODES = new Set(
  `work transaction isolation level serializable repeatable read committed uncommitted only write deferrable not deferred
  immediate exclusive concurrent with consistent snapshot`.split(/\s+/),
)
const ENDINGS = new Set(['work', 'transaction', 'and', 'no', 'not', 'chain', 'release'])
const WORK = new Set(['work'])
const NOTHING: ReadonlySet<string> = new Set()

/** What a statement that begins with a word of transaction control does; `unknown` where its rest isn't understood. */
export function controlAnalysis(statement: Statement, at: number): Analysis {
  const action = controlAction(statement, at)
  return action === undefined ? { kind: 'unknown', why: 'unfamiliar transaction control' } : { kind: 'control', action }
}

function controlAction(statement: Statement, at: number): ControlAction | undefined {
  const mysql = statement.grammar === 'mysql' || statement.grammar === 'mariadb'
  switch (wordAt(statement, at)) {
    case 'begin':
      return onlyWords(statement, at + 1, mysql ? WORK : MODES) ? 'begin' : undefined
    case 'start':
      return wordAt(statement, at + 1) === 'transaction' && onlyWords(statement, at + 1, MODES) ? 'begin' : undefined
    case 'commit':
      if (wordAt(statement, at + 1) === 'prepared') return named(statement, at + 2) ? 'commit-prepared' : undefined
      return onlyWords(statement, at + 1, ENDINGS) ? 'commit' : undefined
    case 'end':
      return !mysql && onlyWords(statement, at + 1, ENDINGS) ? 'commit' : undefined
    case 'abort':
      return statement.grammar === 'postgres' && onlyWords(statement, at + 1, ENDINGS) ? 'rollback' : undefined
    case 'rollback':
      return rollback(statement, at + 1)
    case 'savepoint':
      return named(statement, at + 1) ? 'savepoint' : undefined
    case 'release':
      return named(statement, wordAt(statement, at + 1) === 'savepoint' ? at + 2 : at + 1) ? 'release' : undefined
    default:
      return wordsAt(statement, at, 'prepare', 'transaction') && named(statement, at + 2)
        ? 'prepare-transaction'
        : undefined
  }
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
