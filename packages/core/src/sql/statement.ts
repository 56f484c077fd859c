import type { Grammar } from './analysis.ts'
import { foldAscii } from './characters.ts'
import type { Token } from './token.ts'

/** One statement (or a part of one): a range of a text's tokens. Ranges share the tokens, nothing is copied. */
export interface Statement {
  readonly sql: string
  readonly grammar: Grammar
  readonly tokens: readonly Token[]
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/** The same tokens with another range. */
export function part(statement: Statement, from: number, to: number): Statement {
  const { sql, grammar, tokens } = statement
  return { sql, grammar, tokens, from, to }
}

/** The token at an index, `undefined` outside of the statement. */
export function tokenAt(statement: Statement, index: number): Token | undefined {
  return index < statement.to && index >= statement.from ? statement.tokens[index] : undefined
}

/** The unquoted word at an index in lower case, `''` where there is none. */
export function wordAt(statement: Statement, index: number): string {
  const token = tokenAt(statement, index)
  return token?.kind === 'word' ? token.text : ''
}

/** The word at an index that isn't a part of a qualified name (`a.case`), in lower case, `''` where there is none. */
export function bareWordAt(statement: Statement, index: number): string {
  const word = wordAt(statement, index)
  return word !== '' && signAt(statement, index - 1, '.') ? '' : word
}

/** Whether the words follow each other from this index on. */
export function wordsAt(statement: Statement, index: number, ...words: readonly string[]): boolean {
  return words.every((word, offset) => wordAt(statement, index + offset) === word)
}

/** Whether the sign stands at this index. */
export function signAt(statement: Statement, index: number, sign: string): boolean {
  const token = tokenAt(statement, index)
  return token?.kind === 'sign' && token.text === sign
}

/** The next index on the same level: behind the closing bracket when one opens here. */
export function after(statement: Statement, index: number): number {
  const match = statement.tokens[index]?.match ?? -1
  return match > index ? match + 1 : index + 1
}

/** The first index from here on this level at which the word stands, `-1` where it doesn't. */
export function findWord(statement: Statement, from: number, word: string): number {
  for (let index = from; index < statement.to; index = after(statement, index)) {
    if (wordAt(statement, index) === word) return index
  }
  return -1
}

/** The content of a string token, backslashes left as they are. */
export function stringAt(statement: Statement, index: number): string | undefined {
  const token = tokenAt(statement, index)
  if (token?.kind !== 'string') return undefined
  const text = statement.sql.slice(token.start, token.end)
  return text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : undefined
}

/** The name at an index as the database stores it: PostgreSQL folds unquoted names, the others keep them as written. */
export function nameAt(statement: Statement, index: number): string | undefined {
  const token = tokenAt(statement, index)
  if (token === undefined) return undefined
  const { sql, grammar } = statement
  if (token.kind === 'word') return grammar === 'postgres' ? token.text : sql.slice(token.start, token.end)
  if (token.kind === 'quoted') {
    const quote = sql[token.start] ?? ''
    const text = sql.slice(token.start + 1, token.end - 1)
    return quote !== '[' && text.includes(quote) ? text.replaceAll(quote + quote, quote) : text
  }
  return grammar === 'sqlite' ? stringAt(statement, index) : undefined
}

/** Names compare like this where a server may or may not mind their case. */
export function sameName(left: string, right: string): boolean {
  return foldAscii(left) === foldAscii(right)
}
