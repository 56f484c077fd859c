/** How a dump's text is read; what differs between the programs that write dumps. */
export interface DumpLexis {
  /** `'…'` may hold a backslash that escapes the next character. */
  readonly escapes: boolean
  /** `"…"` is a text, not a name. */
  readonly doubleQuotedText: boolean
  /** `$tag$…$tag$` is a text. */
  readonly dollarQuotes: boolean
  /** A comment that begins so is executed. */
  readonly executedComment: RegExp | undefined
}

/** Where the text of a statement is: outside of everything, or in what ends with this. */
export type Inside = string | undefined

/** What one line of a statement came to. */
export interface LineScan {
  /** The line without texts and comments: what the server takes for words and names. */
  readonly code: string
  readonly inside: Inside
}

const COMMENT_END = '*/'

/** Reads one line of a statement that begins inside of `inside`. */
export function scanLine(line: string, inside: Inside, lexis: DumpLexis): LineScan {
  let code = ''
  let end = inside
  for (let at = 0; at < line.length; ) {
    if (end !== undefined) {
      const next = endOf(line, at, end, lexis)
      if (next === undefined) return { code, inside: end }
      if (end === '`' || (end === '"' && !lexis.doubleQuotedText)) code += line.slice(at, next)
      at = next
      end = undefined
      continue
    }
    const rest = line.slice(at, at + LONGEST_OPENING)
    if (rest.startsWith('--')) break
    const opened = opening(rest, lexis)
    if (opened === undefined) {
      code += line.charAt(at)
      at += 1
      continue
    }
    code += ' '
    at += opened.length
    end = opened.end
  }
  return { code, inside: end }
}

const LONGEST_OPENING = 80

function opening(rest: string, lexis: DumpLexis): { readonly length: number; readonly end: Inside } | undefined {
  const [first = ''] = rest
  if (first === "'" || first === '"' || first === '`') return { length: 1, end: first }
  const executed = lexis.executedComment?.exec(rest)
  if (executed) return { length: executed[0].length, end: undefined }
  if (rest.startsWith('/*')) return { length: 2, end: COMMENT_END }
  const [tag] = (lexis.dollarQuotes && /^\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$/.exec(rest)) || []
  return tag === undefined ? undefined : { length: tag.length, end: tag }
}

/** Behind what ends a text that is open; `undefined` when it goes on in the next line. */
function endOf(line: string, from: number, end: string, { escapes, doubleQuotedText }: DumpLexis): number | undefined {
  const isEscaped = escapes && (end === "'" || (end === '"' && doubleQuotedText))
  for (let at = from; at < line.length; at += 1) {
    if (isEscaped && line[at] === '\\') at += 1
    else if (line.startsWith(end, at)) return at + end.length
  }
  return undefined
}
