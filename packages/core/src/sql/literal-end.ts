import { classOf, continuesWord, SPACE } from './characters.ts'

/** The offset behind the closing quote that ends a literal which opens at `at`; doubled quotes stay inside. `-1`: none. */
export function quotedEnd(sql: string, at: number, quote: string): number {
  let from = at + 1
  for (;;) {
    const close = sql.indexOf(quote, from)
    if (close < 0) return -1
    if (sql[close + 1] !== quote) return close + 1
    from = close + 2
  }
}

/** Like `quotedEnd`, for literals in which a backslash escapes the next character. */
export function escapedEnd(sql: string, at: number, quote: string): number {
  const code = quote.charCodeAt(0)
  for (let index = at + 1; index < sql.length; index++) {
    const current = sql.charCodeAt(index)
    if (current === 92) index++
    else if (current === code) {
      if (sql.charCodeAt(index + 1) !== code) return index + 1
      index++
    }
  }
  return -1
}

/**
 * The end of PostgreSQL's `E'…'` whose quote stands at `at`, with the pieces that continue it on further lines: they are
 * read with backslashes too, though no `E` stands before them.
 */
export function escapeStringEnd(sql: string, at: number): number {
  let end = escapedEnd(sql, at, "'")
  while (end > 0) {
    const next = continuation(sql, end)
    if (next < 0) return end
    end = escapedEnd(sql, next, "'")
  }
  return end
}

/** The offset of the quote that continues the string behind its line's end, `-1` where none does. */
function continuation(sql: string, from: number): number {
  let index = from
  let newline = false
  for (;;) {
    const code = sql.charCodeAt(index)
    if (code === 39) return newline ? index : -1
    if (code === 45 && sql.charCodeAt(index + 1) === 45) index = lineEnd(sql, index)
    else if (classOf(code) !== SPACE) return -1
    else {
      newline ||= code === 10 || code === 13
      index++
    }
  }
}

function lineEnd(sql: string, from: number): number {
  let index = from
  while (index < sql.length && sql[index] !== '\n' && sql[index] !== '\r') index++
  return index
}

/** The end of `$tag$ … $tag$` that opens at `at`; `0` where no such quote opens, `-1` where it isn't closed. */
export function dollarQuoteEnd(sql: string, at: number): number {
  let index = at + 1
  while (index < sql.length && sql[index] !== '$' && continuesWord(sql.charCodeAt(index))) index++
  if (sql[index] !== '$') return 0
  const tag = sql.slice(at, index + 1)
  const close = sql.indexOf(tag, index + 1)
  return close < 0 ? -1 : close + tag.length
}
