import type { ControlAction, Grammar } from './analysis.ts'
import { classOf, continuesWord, LETTER, SPACE } from './characters.ts'
import { controlAnalysis } from './control.ts'
import { lexicalRules } from './lexical-rules.ts'
import { scan } from './scan.ts'
import { setAnalysis } from './session-settings.ts'
import { splitStatements } from './split-statements.ts'
import { wordAt } from './statement.ts'

/** Longer texts hold more than transaction control; reading them here would cost the hot path. */
const LONGEST = 4000
const SLASH = 47
const STAR = 42
const DASH = 45
const SEMICOLON = 59

/**
 * Tells whether a text is transaction control, and which, at the price of a look at its first letters: for the hot path,
 * where nothing is analysed. `undefined` for everything else, also for a stack in which other statements stand, whose
 * verdict by `analyze` is `unknown`.
 *
 * `COMMIT AND CHAIN` counts as `commit`, though a new transaction begins with it.
 */
export function transactionControl(sql: string): ControlAction | undefined {
  const from = firstWord(sql)
  if (from === UNCERTAIN) return sql.length > LONGEST ? undefined : readControl(sql)
  if (!mayBeControl(sql, from) || sql.length > LONGEST) return undefined
  return alone(sql, from) ?? readControl(sql)
}

/** Whether a text begins with SELECT: a hint about what it probably is, no verdict. */
export function isPlainSelect(sql: string): boolean {
  let from = 0
  while (classOf(sql.charCodeAt(from)) === SPACE) from++
  return wordIs(sql, from, 'select')
}

const UNCERTAIN = -1

/** The offset of the first word behind blanks, semicolons and comments, `UNCERTAIN` where a comment may nest or be executed. */
function firstWord(sql: string): number {
  let at = 0
  for (;;) {
    const code = sql.charCodeAt(at)
    if (code === SLASH && sql.charCodeAt(at + 1) === STAR) {
      const close = sql.indexOf('*/', at + 2)
      const inner = sql.indexOf('/*', at + 2)
      if (close < 0 || (inner >= 0 && inner < close)) return UNCERTAIN
      if (sql[at + 2] === '!' || sql[at + 3] === '!') return UNCERTAIN
      at = close + 2
    } else if ((code === DASH && sql.charCodeAt(at + 1) === DASH) || code === 35) {
      while (at < sql.length && sql.charCodeAt(at) !== 10) at++
    } else if (code === SEMICOLON || classOf(code) === SPACE) {
      at++
    } else {
      return at
    }
  }
}

/** Looks at two letters before it compares a word: most texts are told apart by their first. */
function mayBeControl(sql: string, at: number): boolean {
  const second = sql.charCodeAt(at + 1) | 32
  switch (sql.charCodeAt(at) | 32) {
    case 98: // b
      return second === 101 && wordIs(sql, at, 'begin')
    case 115: // s
      if (second === 101) return wordIs(sql, at, 'set')
      return wordIs(sql, at, 'start') || wordIs(sql, at, 'savepoint')
    case 99: // c
      return second === 111 && wordIs(sql, at, 'commit')
    case 101: // e
      return second === 110 && wordIs(sql, at, 'end')
    case 114: // r
      return wordIs(sql, at, 'rollback') || wordIs(sql, at, 'release')
    case 97: // a
      return second === 98 && wordIs(sql, at, 'abort')
    case 112: // p
      return second === 114 && wordIs(sql, at, 'prepare')
    default:
      return false
  }
}

/** Whether this word in lower case stands here in any case, and ends here. */
function wordIs(sql: string, at: number, word: string): boolean {
  for (let index = 0; index < word.length; index++) {
    if ((sql.charCodeAt(at + index) | 32) !== word.charCodeAt(index)) return false
  }
  return !continuesWord(sql.charCodeAt(at + word.length))
}

/** The one-word forms with nothing behind them but blanks and a semicolon, without reading tokens. */
function alone(sql: string, at: number): ControlAction | undefined {
  let end = at
  while (classOf(sql.charCodeAt(end)) === LETTER) end++
  for (let index = end; index < sql.length; index++) {
    const code = sql.charCodeAt(index)
    if (code !== SEMICOLON && classOf(code) !== SPACE) return undefined
  }
  if (wordIs(sql, at, 'begin')) return 'begin'
  if (wordIs(sql, at, 'commit') || wordIs(sql, at, 'end')) return 'commit'
  return wordIs(sql, at, 'rollback') || wordIs(sql, at, 'abort') ? 'rollback' : undefined
}

function readControl(sql: string): ControlAction | undefined {
  return controlIn(sql, 'postgres') ?? controlIn(sql, 'mysql') ?? controlIn(sql, 'sqlite')
}

function controlIn(sql: string, grammar: Grammar): ControlAction | undefined {
  const { tokens, problem } = scan(sql, lexicalRules(grammar))
  const [statement, ...others] = problem === undefined ? splitStatements(sql, grammar, tokens) : []
  if (statement === undefined || others.length > 0) return undefined
  const set = wordAt(statement, statement.from) === 'set'
  const verdict = set ? setAnalysis(statement, statement.from) : controlAnalysis(statement, statement.from)
  return verdict.kind === 'control' ? verdict.action : undefined
}
