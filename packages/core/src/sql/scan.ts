import { classOf, continuesWord, DIGIT, foldAscii, LETTER, SPACE } from './characters.ts'
import { blockCommentEnd, commentHead, lineCommentEnd, opensDashComment } from './comment-end.ts'
import type { LexicalRules } from './lexical-rules.ts'
import { dollarQuoteEnd, escapedEnd, escapeStringEnd, quotedEnd } from './literal-end.ts'
import type { Token, TokenKind } from './token.ts'

/** The tokens of a text, or the reason why it has none that can be trusted. */
export interface Scan {
  readonly tokens: readonly Token[]
  readonly problem: string | undefined
  /** A string held a backslash: another `sql_mode` may end it elsewhere. */
  readonly backslash: boolean
  /** A literal in double quotes was read: another `sql_mode` makes it a name or a string. */
  readonly doubleQuote: boolean
}

/** Splits a text into tokens in one pass; time and memory grow linearly with it, whatever it holds. */
export function scan(sql: string, rules: LexicalRules): Scan {
  return new Scanner(sql, rules).run()
}

class Scanner {
  readonly #sql: string
  readonly #rules: LexicalRules
  readonly #tokens: Token[] = []
  readonly #open: number[] = []
  #at = 0
  #problem: string | undefined
  #executing = false
  #backslash = false
  #doubleQuote = false
  #nextBackslash = -1

  constructor(sql: string, rules: LexicalRules) {
    this.#sql = sql
    this.#rules = rules
  }

  run(): Scan {
    const sql = this.#sql
    while (this.#at < sql.length && this.#problem === undefined) {
      const code = sql.charCodeAt(this.#at)
      const kind = classOf(code)
      if (kind === SPACE) this.#at++
      else if (kind === LETTER) this.#word()
      else if (kind === DIGIT) this.#number()
      else this.#sign(code)
    }
    if (this.#open.length > 0) this.#problem ??= 'unbalanced brackets'
    if (this.#executing) this.#problem ??= 'unterminated comment'
    return {
      tokens: this.#tokens,
      problem: this.#problem,
      backslash: this.#backslash,
      doubleQuote: this.#doubleQuote,
    }
  }

  #push(kind: TokenKind, text: string, end: number): void {
    this.#tokens.push({ kind, text, start: this.#at, end, match: -1 })
    this.#at = end
  }

  #wordEnd(from: number): number {
    let end = from
    while (end < this.#sql.length && continuesWord(this.#sql.charCodeAt(end))) end++
    return end
  }

  #word(): void {
    const end = this.#wordEnd(this.#at)
    const text = foldAscii(this.#sql.slice(this.#at, end))
    if (this.#rules.postgresLiterals && text === 'e' && this.#sql[end] === "'") {
      this.#literal('string', escapeStringEnd(this.#sql, end))
    } else {
      if (this.#rules.postgresLiterals && text === 'u' && this.#sql.startsWith('&"', end)) {
        this.#problem = 'a name with unicode escapes'
      }
      if (this.#rules.sqlModes && text.includes('\u00a0')) this.#problem = 'a no-break space outside of strings'
      this.#push('word', text, end)
    }
  }

  #digits(from: number): number {
    let end = from
    while (classOf(this.#sql.charCodeAt(end)) === DIGIT) end++
    return end
  }

  /** Ends early rather than late: `1INTO` is a number and a word for some servers. */
  #number(): void {
    const sql = this.#sql
    let end = this.#digits(this.#at)
    if (sql[end] === '.') end = this.#digits(end + 1)
    if (sql[end] === 'e' || sql[end] === 'E') {
      const exponent = sql[end + 1] === '+' || sql[end + 1] === '-' ? end + 2 : end + 1
      if (classOf(sql.charCodeAt(exponent)) === DIGIT) end = this.#digits(exponent)
    }
    this.#push('number', '', end)
  }

  #sign(code: number): void {
    if (code === 39) this.#string("'")
    else if (code === 34) this.#double()
    else if (code === 40) this.#bracketOpens()
    else if (code === 41) this.#bracketCloses(code)
    else if (!this.#comment(code) && !this.#dialectSign(code)) this.#plainSign()
  }

  #plainSign(): void {
    this.#push('sign', this.#sql[this.#at] ?? '', this.#at + 1)
  }

  #comment(code: number): boolean {
    const next = this.#sql.charCodeAt(this.#at + 1)
    if (code === 45 && opensDashComment(this.#sql, this.#at, this.#rules)) this.#line()
    else if (code === 47 && next === 42) this.#block()
    else if (code === 42 && next === 47 && this.#executing) this.#endExecuting()
    else if (code === 35 && this.#rules.hashComments) this.#line()
    else return false
    return true
  }

  /** Signs that mean something in some of the families only. */
  #dialectSign(code: number): boolean {
    const rules = this.#rules
    if (code === 36) this.#dollar()
    else if (code === 91) this.#squareBracket()
    else if (code === 93 && rules.postgresLiterals) this.#bracketCloses(code)
    else if (code === 96 && rules.backtickNames) this.#literal('quoted', quotedEnd(this.#sql, this.#at, '`'))
    else if (code === 63 && !rules.postgresLiterals) this.#push('parameter', '', this.#digits(this.#at + 1))
    else return (code === 58 || code === 64) && this.#prefixed(code)
    return true
  }

  #squareBracket(): void {
    if (this.#rules.postgresLiterals) this.#bracketOpens()
    else if (this.#rules.bracketNames) this.#literal('quoted', this.#sql.indexOf(']', this.#at) + 1 || -1)
    else this.#problem = 'square brackets, which quote in another sql_mode'
  }

  /** `:name` and `@name`, whose names are no keywords. */
  #prefixed(code: number): boolean {
    const from = this.#at + 1
    if (classOf(this.#sql.charCodeAt(from)) < LETTER) return false
    if (this.#rules.namedParameters) this.#parameter(from)
    else if (this.#rules.variables && code === 64 && this.#sql[from - 2] !== '@') this.#variable(from)
    else return false
    return true
  }

  /** SQLite reads `$a::b(c)` as one parameter, whatever quotes stand in its brackets. */
  #parameter(from: number): void {
    const end = this.#wordEnd(from)
    if (this.#sql[end] === '(' || this.#sql.startsWith('::', end)) this.#problem = 'a parameter with a suffix'
    this.#push('parameter', '', end)
  }

  #variable(from: number): void {
    let end = from
    while (this.#sql[end] === '.' || continuesWord(this.#sql.charCodeAt(end))) end++
    this.#push('variable', foldAscii(this.#sql.slice(from, end)), end)
  }

  #literal(kind: TokenKind, end: number): void {
    if (end < 0) this.#problem = 'an unterminated literal'
    else this.#push(kind, '', end)
  }

  #string(quote: string): void {
    const at = this.#at
    const end = this.#rules.backslashEscapes ? escapedEnd(this.#sql, at, quote) : quotedEnd(this.#sql, at, quote)
    if (this.#rules.sqlModes) this.#noteBackslash(at, end)
    this.#literal('string', end)
  }

  /** Looks ahead once for each backslash, not once for each string: the scan stays linear. */
  #noteBackslash(from: number, end: number): void {
    if (this.#nextBackslash < from) {
      const found = this.#sql.indexOf('\\', from)
      this.#nextBackslash = found < 0 ? Number.POSITIVE_INFINITY : found
    }
    if (end < 0 || this.#nextBackslash < end) this.#backslash = true
  }

  #double(): void {
    this.#doubleQuote = true
    if (this.#rules.doubleQuotedNames) this.#literal('quoted', quotedEnd(this.#sql, this.#at, '"'))
    else this.#string('"')
  }

  #dollar(): void {
    const next = this.#sql.charCodeAt(this.#at + 1)
    const quote = this.#rules.postgresLiterals && classOf(next) !== DIGIT ? dollarQuoteEnd(this.#sql, this.#at) : 0
    if (quote !== 0) this.#literal('string', quote)
    else if (this.#rules.namedParameters && continuesWord(next)) this.#parameter(this.#at + 1)
    else if (classOf(next) === DIGIT) this.#push('parameter', '', this.#digits(this.#at + 1))
    else this.#push('sign', '$', this.#at + 1)
  }

  #bracketOpens(): void {
    this.#open.push(this.#tokens.length)
    this.#push('sign', this.#sql[this.#at] ?? '', this.#at + 1)
  }

  #bracketCloses(code: number): void {
    const index = this.#open.pop()
    const open = index === undefined ? undefined : this.#tokens[index]
    if (index === undefined || open === undefined || (open.text === '(') !== (code === 41)) {
      this.#problem = 'unbalanced brackets'
      return
    }
    open.match = this.#tokens.length
    this.#tokens.push({ kind: 'sign', text: code === 41 ? ')' : ']', start: this.#at, end: this.#at + 1, match: index })
    this.#at++
  }

  #line(): void {
    this.#at = lineCommentEnd(this.#sql, this.#at, this.#rules)
  }

  #block(): void {
    const { use, content } = commentHead(this.#sql, this.#at, this.#rules)
    if (use === 'uncertain' || this.#executing) {
      this.#problem = 'a comment that some servers execute'
    } else if (use === 'executed') {
      this.#executing = true
      this.#at = content
    } else {
      const end = blockCommentEnd(this.#sql, this.#at, this.#rules)
      if (end < 0) this.#problem = 'an unterminated comment'
      else this.#at = end
    }
  }

  #endExecuting(): void {
    this.#executing = false
    this.#at += 2
  }
}
