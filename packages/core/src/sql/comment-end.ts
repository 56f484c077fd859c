import type { LexicalRules } from './lexical-rules.ts'

/** The offset of the line's end (or the text's). */
export function lineCommentEnd(sql: string, at: number, rules: LexicalRules): number {
  for (let index = at; index < sql.length; index++) {
    const code = sql.charCodeAt(index)
    if (code === 10 || (code === 13 && rules.returnEndsComment)) return index
  }
  return sql.length
}

/** Whether `--` at this offset opens a comment: MySQL wants a blank or control character behind it. */
export function opensDashComment(sql: string, at: number, rules: LexicalRules): boolean {
  if (sql.charCodeAt(at + 1) !== 45) return false
  if (!rules.hashComments) return true
  const next = sql.charCodeAt(at + 2)
  return Number.isNaN(next) || next <= 32 || next === 127
}

/** The offset behind a block comment that opens at `at`, `-1` where it isn't closed. */
export function blockCommentEnd(sql: string, at: number, rules: LexicalRules): number {
  if (!rules.nestedComments) {
    const close = sql.indexOf('*/', at + 2)
    return close < 0 ? -1 : close + 2
  }
  let depth = 1
  for (let index = at + 2; index < sql.length; index++) {
    const code = sql.charCodeAt(index)
    if (code === 42 && sql.charCodeAt(index + 1) === 47) {
      index++
      depth--
      if (depth === 0) return index + 1
    } else if (code === 47 && sql.charCodeAt(index + 1) === 42) {
      index++
      depth++
    }
  }
  return -1
}

/** What a server does with the content of a block comment. */
type CommentUse = 'ignored' | 'executed' | 'uncertain'

/** A block comment's use, and where its content begins. */
interface CommentHead {
  readonly use: CommentUse
  readonly content: number
}

/**
 * Tells a comment from executable text (`/*!50100 … *\/`, MariaDB's `/*M! … *\/`). It is `executed` only where every
 * supported version of the server runs it; where versions differ the text says two things: `uncertain`.
 */
export function commentHead(sql: string, at: number, rules: LexicalRules): CommentHead {
  const mark = executableMark(sql, at)
  if (!rules.executableComments || mark < 0) return { use: 'ignored', content: at + 2 }
  const digits = /^\d*/.exec(sql.slice(mark + 1, mark + 9))?.[0] ?? ''
  const content = mark + 1 + digits.length
  const known = mark === at + 2 || (rules.grammar === 'mariadb' && sql[at + 2] === 'M')
  return { use: known && everyServerRuns(digits, rules) ? 'executed' : 'uncertain', content }
}

/** The offset of the exclamation mark in `/*!` or `/*M!`, `-1` without one. */
function executableMark(sql: string, at: number): number {
  if (sql[at + 2] === '!') return at + 2
  return sql[at + 3] === '!' && /[A-Za-z]/.test(sql[at + 2] ?? '') ? at + 3 : -1
}

function everyServerRuns(digits: string, rules: LexicalRules): boolean {
  const version = Number(digits)
  if (digits === '' || (digits.length === 5 && version < 50700)) return true
  return rules.grammar === 'mariadb' && digits.length === 6 && version >= 100000 && version <= 100600
}
