import type { Grammar } from './analysis.ts'

/** How the characters of one database family become tokens. */
export interface LexicalRules {
  readonly grammar: Grammar
  /** Block comments nest. */
  readonly nestedComments: boolean
  /** A line comment ends at a carriage return too. */
  readonly returnEndsComment: boolean
  /** `#` opens a line comment, and `--` only when a blank follows. */
  readonly hashComments: boolean
  /** The content of `/*! … *\/` is executed. */
  readonly executableComments: boolean
  /** `$tag$ … $tag$`, `E'…'` and `[ ]` for arrays. */
  readonly postgresLiterals: boolean
  /** A backslash escapes the next character of a plain string. */
  readonly backslashEscapes: boolean
  /** The session's `sql_mode` may change what quotes and backslashes mean. */
  readonly sqlModes: boolean
  /** `"…"` is a name rather than a string. */
  readonly doubleQuotedNames: boolean
  /** `` `…` `` is a name. */
  readonly backtickNames: boolean
  /** `[…]` is a name. */
  readonly bracketNames: boolean
  /** `:name`, `@name` and `$name` are parameters. */
  readonly namedParameters: boolean
  /** `@name` is a variable of the session. */
  readonly variables: boolean
}

const POSTGRES: LexicalRules = {
  grammar: 'postgres',
  nestedComments: true,
  returnEndsComment: true,
  hashComments: false,
  executableComments: false,
  postgresLiterals: true,
  backslashEscapes: false,
  sqlModes: false,
  doubleQuotedNames: true,
  backtickNames: false,
  bracketNames: false,
  namedParameters: false,
  variables: false,
}

const SQLITE: LexicalRules = {
  ...POSTGRES,
  grammar: 'sqlite',
  nestedComments: false,
  returnEndsComment: false,
  postgresLiterals: false,
  backtickNames: true,
  bracketNames: true,
  namedParameters: true,
}

const MYSQL: LexicalRules = {
  ...SQLITE,
  grammar: 'mysql',
  hashComments: true,
  executableComments: true,
  backslashEscapes: true,
  sqlModes: true,
  doubleQuotedNames: false,
  bracketNames: false,
  namedParameters: false,
  variables: true,
}

const RULES: Readonly<Record<Grammar, LexicalRules>> = {
  postgres: POSTGRES,
  sqlite: SQLITE,
  mysql: MYSQL,
  mariadb: { ...MYSQL, grammar: 'mariadb' },
}

/** The rules that a server of this family applies unless its session says otherwise. */
export function lexicalRules(grammar: Grammar): LexicalRules {
  return RULES[grammar]
}

/**
 * The rules under the other `sql_mode`s that change where a string ends: `NO_BACKSLASH_ESCAPES` where the text has a
 * backslash in a string, `ANSI_QUOTES` where it has a double quote, and both.
 */
export function otherReadings(rules: LexicalRules, backslash: boolean, doubleQuote: boolean): readonly LexicalRules[] {
  const readings: LexicalRules[] = []
  if (backslash) readings.push({ ...rules, backslashEscapes: false })
  if (doubleQuote) readings.push({ ...rules, doubleQuotedNames: true })
  if (backslash && doubleQuote) readings.push({ ...rules, backslashEscapes: false, doubleQuotedNames: true })
  return readings
}
