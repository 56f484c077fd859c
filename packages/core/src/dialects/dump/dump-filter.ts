import { MARK_PATTERN } from '../../domain/fence-mark.ts'
import { type DumpFormat, lexes } from './dump-formats.ts'
import { type Inside, scanLine } from './dump-lexis.ts'

/** Takes a dump line by line, and gives it back without the statements of fences. */
export interface DumpFilter {
  /** Takes one line with its end; what can be written now. */
  line(text: string): string
  /** What is left when there are no more lines. */
  end(): string
  /** How many statements were left out. */
  readonly removed: number
}

/** What names the objects of fences in a dump: those of freezes, and with `standing` those that stand always. */
function marksOf(standing: boolean): RegExp {
  const onFreeze = MARK_PATTERN.replace('^', '')
  return new RegExp(`\\b(?:${standing ? `${onFreeze}|quiesce_standing_[0-9a-f]{8}` : onFreeze})`)
}

/** Only these make, change or remove objects; rows are never looked into, whatever they say. */
const DEFINES = /^\s*(?:CREATE|ALTER|DROP|COMMENT|GRANT|REVOKE|LOCK)\b/i
const COPY = /^COPY .* FROM stdin;\s*$/
const COPY_END = '\\.'
const DELIMITER = /^DELIMITER (\S+)\s*$/i

/** Makes the filter of one dump. Lines are bytes as latin1, so that every encoding comes through as it is. */
export function createDumpFilter(format: DumpFormat, { standing }: { readonly standing: boolean }): DumpFilter {
  const lexis = lexes[format]
  const marks = marksOf(standing)
  let delimiter = ';'
  let inside: Inside
  /** Comments and blank lines in front of a statement, and the lines of one that may have to go. */
  let held: string[] = []
  let code = ''
  let state: 'between' | 'undecided' | 'passing' | 'copy' = 'between'
  let removed = 0

  const release = (): string => {
    const text = held.join('')
    held = []
    return text
  }
  const passing = (text: string): string => release() + text
  const between = (text: string): string => {
    const line = text.trimEnd()
    if (COPY.test(line) && format === 'postgresql') {
      state = 'copy'
      return passing(text)
    }
    delimiter = (format === 'mysql' ? DELIMITER.exec(line)?.[1] : undefined) ?? delimiter
    // Commands of the client have no end but that of their line.
    if (line.startsWith('\\') || DELIMITER.test(line)) return passing(text)
    const scan = scanLine(line, undefined, lexis)
    if (scan.code.trim() === '' && scan.inside === undefined) {
      held.push(text)
      return ''
    }
    state = DEFINES.test(scan.code) ? 'undecided' : 'passing'
    return inStatement(text, scan)
  }
  const inStatement = (text: string, scan: { readonly code: string; readonly inside: Inside }): string => {
    inside = scan.inside
    const ends = inside === undefined && scan.code.trimEnd().endsWith(delimiter)
    const was = state
    if (ends) state = 'between'
    if (was === 'passing') return passing(text)
    held.push(text)
    code += `${scan.code}\n`
    if (!ends) return ''
    const isOfFence = marks.test(code)
    code = ''
    if (!isOfFence) return release()
    held = []
    removed += 1
    return ''
  }
  return {
    line(text) {
      if (state === 'between') return between(text)
      if (state !== 'copy') return inStatement(text, scanLine(text.trimEnd(), inside, lexis))
      if (text.trimEnd() === COPY_END) state = 'between'
      return text
    },
    end: release,
    get removed() {
      return removed
    },
  }
}
