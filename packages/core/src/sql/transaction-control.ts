import type { ControlAction, Grammar } from './analysis.ts'
import { classOf, continuesWord, SPACE } from './characters.ts'
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
const HASH = 35
const SEMICOLON = 59

/**
 * Tells whether a text is transaction control, and which, at the price of a look at its first letters: for the hot path,
 * where nothing is analysed. `undefined` for everything else, also for a stack in which other statements stand, whose
 * verdict by `analyze` is `unknown`.
 *
 * `COMMIT AND CHAIN` counts as `commit`, though a new transaction begins with it; MySQL's `SET autocommit = 0` as `begin`
 * and `SET autocommit = 1` as `commit`.
 */
export function transactionControl(sql: string): ControlAction | undefined {
  if (!mayControl(sql)) return undefined
  const common = commonControl(sql)
  if (common !== undefined) return common
  const from = firstWord(sql)
  if (from === UNCERTAIN) return sql.length > LONGEST ? undefined : readControl(sql)
  if (!mayBeControl(sql, from) || sql.length > LONGEST) return undefined
  return readControl(sql)
}

/** The same for the texts that ORMs send, which do nothing else than they say; `undefined` for all others. */
export function commonControl(sql: string): ControlAction | undefined {
  switch (sql) {
    case 'BEGIN':
    case 'START TRANSACTION':
      return 'begin'
    case 'COMMIT':
      return 'commit'
    case 'ROLLBACK':
      return 'rollback'
    default:
      return undefined
  }
}

/** The first letters of what most statements begin with and transaction control never does. */
const LETTER_D = 100
const LETTER_I = 105
const LETTER_L = 108
const LETTER_S = 115
const LETTER_U = 117
const LETTER_W = 119

/** False for what begins as DELETE, INSERT, SELECT, UPDATE or WITH do, which is nearly everything: by one letter, or two. */
export function mayControl(sql: string): boolean {
  switch (sql.charCodeAt(0) | 32) {
    case LETTER_D:
    case LETTER_I:
    case LETTER_U:
    case LETTER_W:
      return false
    case LETTER_S:
      return (sql.charCodeAt(2) | 32) !== LETTER_L
    default:
      return true
  }
}

const UNCERTAIN = -1

/** The offset of the first word behind blanks, semicolons and comments, or `UNCERTAIN`. */
function firstWord(sql: string): number {
  let at = 0
  for (;;) {
    const code = sql.charCodeAt(at)
    if (code === SEMICOLON || classOf(code) === SPACE) at++
    else {
      const end = commentEnd(sql, at)
      if (end === at || end === UNCERTAIN) return end
      at = end
    }
  }
}

/** The offset behind a comment at `at`, `at` itself where none stands, `UNCERTAIN` where it may nest or be executed. */
function commentEnd(sql: string, at: number): number {
  const code = sql.charCodeAt(at)
  const next = sql.charCodeAt(at + 1)
  if (code === SLASH && next === STAR) {
    const close = sql.indexOf('*/', at + 2)
    const inner = sql.indexOf('/*', at + 2)
    const nests = close < 0 || (inner >= 0 && inner < close)
    return nests || sql[at + 2] === '!' || sql[at + 3] === '!' ? UNCERTAIN : close + 2
  }
  if (code !== HASH && !(code === DASH && next === DASH)) return at
  const newline = sql.indexOf('\n', at)
  return newline < 0 ? sql.length : newline
}

/** By their first two letters, which tell them apart. */
const FIRST_WORDS: ReadonlyMap<number, string> = new Map(
  ['begin', 'set', 'start', 'savepoint', 'commit', 'end', 'rollback', 'release', 'abort', 'prepare'].map((word) => [
    lettersAt(word, 0),
    word,
  ]),
)

/** Looks at two letters before it compares words: most texts are told apart by them. */
function mayBeControl(sql: string, at: number): boolean {
  const word = FIRST_WORDS.get(lettersAt(sql, at))
  return word !== undefined && wordIs(sql, at, word)
}

/** The letters at `at` and behind it, in any case, as one number. */
function lettersAt(text: string, at: number): number {
  return ((text.charCodeAt(at) | 32) << 16) | (text.charCodeAt(at + 1) | 32)
}

/** Whether this word in lower case stands here in any case, and ends here. */
function wordIs(sql: string, at: number, word: string): boolean {
  for (let index = 0; index < word.length; index++) {
    if ((sql.charCodeAt(at + index) | 32) !== word.charCodeAt(index)) return false
  }
  return !continuesWord(sql.charCodeAt(at + word.length))
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
