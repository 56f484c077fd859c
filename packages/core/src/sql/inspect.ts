import { foldAscii } from './characters.ts'
import type { FunctionPolicy } from './function-policy.ts'
import { isNoCall } from './no-call.ts'
import { isProtectedSetting } from './protected-settings.ts'
import { nameAt, part, type Statement, signAt, stringAt, tokenAt, wordAt, wordsAt } from './statement.ts'
import type { Token } from './token.ts'

/** What the inside of a statement does, whatever its first verb is. */
export interface Findings {
  /** Why the text can't be vouched for. */
  why: string | undefined
  /** Advances a sequence. */
  sequence: boolean
  /** Takes row or advisory locks. */
  locks: boolean
  /** Changes a harmless setting of the session. */
  session: boolean
  /** Where a read's result goes instead of to the client (`INTO` a table or a file), in a few words. */
  into: string | undefined
  /** Writes inside of brackets or behind a nested WITH, each up to the bracket that closes around it. */
  readonly nested: Statement[]
}

interface Inspection extends Findings {
  readonly statement: Statement
  /** The index of the statement's own verb. */
  readonly main: number
  readonly policy: FunctionPolicy
}

const WRITE_VERBS = new Set(['insert', 'update', 'delete', 'merge', 'replace'])
const KEYWORDS = new Set([...WRITE_VERBS, 'into', 'for', 'lock', 'next'])

/** Looks through the tokens of a statement once; `main` is the index of its own verb. */
export function inspect(statement: Statement, main: number, policy: FunctionPolicy): Findings {
  const inspection: Inspection = {
    statement,
    main,
    policy,
    why: undefined,
    sequence: false,
    locks: false,
    session: false,
    into: undefined,
    nested: [],
  }
  const closes: number[] = []
  for (let index = statement.from; index < statement.to && inspection.why === undefined; index++) {
    const token = statement.tokens[index]
    if (token === undefined) break
    if (token.match > index) closes.push(token.match)
    else if (token.match >= 0) closes.pop()
    else inspectToken(inspection, index, token, closes.at(-1) ?? statement.to)
  }
  return inspection
}

function inspectToken(inspection: Inspection, index: number, token: Token, close: number): void {
  switch (token.kind) {
    case 'word':
      if (KEYWORDS.has(token.text)) inspectKeyword(inspection, index, token.text, close)
      if (signAt(inspection.statement, index + 1, '(')) inspectCall(inspection, index)
      break
    case 'quoted':
      if (signAt(inspection.statement, index + 1, '(')) inspectCall(inspection, index)
      break
    case 'variable':
      inspectVariable(inspection, index, token)
      break
    case 'sign':
      if (token.text === ';') inspection.why = 'a semicolon inside of brackets'
      else if (token.text === '@') inspectQuotedVariable(inspection, index)
      break
    default:
  }
}

function inspectKeyword(inspection: Inspection, index: number, word: string, close: number): void {
  const { statement, main } = inspection
  if (index === main || isLabel(statement, index)) return
  if (word === 'into') inspectInto(inspection, index)
  else if (word === 'for') inspection.locks ||= locksRows(statement, index)
  else if (word === 'lock') inspection.locks ||= wordsAt(statement, index + 1, 'in', 'share', 'mode')
  else if (word === 'next') inspection.sequence ||= wordsAt(statement, index + 1, 'value', 'for')
  else if (isNestedWrite(statement, index)) inspection.nested.push(part(statement, index, close))
}

/** A keyword behind AS or a dot is a name. */
function isLabel(statement: Statement, index: number): boolean {
  return wordAt(statement, index - 1) === 'as' || signAt(statement, index - 1, '.')
}

function locksRows(statement: Statement, index: number): boolean {
  const next = wordAt(statement, index + 1)
  if (next === 'update' || next === 'share') return true
  return wordsAt(statement, index + 1, 'key', 'share') || wordsAt(statement, index + 1, 'no', 'key', 'update')
}

/** A write verb that begins a statement inside of brackets, or follows the last bracket of a nested WITH. */
function isNestedWrite(statement: Statement, index: number): boolean {
  if (!signAt(statement, index - 1, '(') && !signAt(statement, index - 1, ')')) return false
  const next = tokenAt(statement, index + 1)
  return next?.kind === 'word' || next?.kind === 'quoted' || next?.kind === 'string'
}

/** The INTO of a write belongs to it; behind a bare label (`SELECT a insert INTO b`) it is the query's. */
function inspectInto(inspection: Inspection, index: number): void {
  const { statement, main } = inspection
  const ofWrite = index - 1 === main || isNestedWrite(statement, index - 1)
  if (ofWrite && WRITE_VERBS.has(wordAt(statement, index - 1))) return
  if (tokenAt(statement, index + 1)?.kind === 'variable' || signAt(statement, index + 1, '@')) return
  const file = /^(outfile|dumpfile)$/.test(wordAt(statement, index + 1))
  inspection.into = file ? 'writes a file on the server' : 'stores its result'
}

function inspectVariable(inspection: Inspection, index: number, token: Token): void {
  if (!isProtectedSetting(token.text)) return
  const { statement } = inspection
  const assigned = signAt(statement, index + 1, ':') || wordAt(statement, index - 1) === 'into'
  if (assigned || signAt(statement, index - 1, ',')) inspection.why = `changes @${token.text}`
}

/** `@'name'`: a variable too. `@@name` is a setting, which is only read here. */
function inspectQuotedVariable(inspection: Inspection, index: number): void {
  const { statement } = inspection
  if (signAt(statement, index - 1, '@') || signAt(statement, index + 1, '@')) return
  const name = nameAt(statement, index + 1) ?? stringAt(statement, index + 1)
  if (name !== undefined && isProtectedSetting(name)) inspection.why = `names @${name}`
}

function inspectCall(inspection: Inspection, index: number): void {
  const { statement, policy } = inspection
  const name = wordAt(statement, index) || foldAscii(nameAt(statement, index) ?? '')
  const effect = policy(name)
  if (effect === undefined) return
  if (effect === 'sequence') inspection.sequence = true
  else if (effect === 'lock') inspection.locks = true
  else if (effect === 'notify') inspection.why = 'sends a notification'
  else if (effect === 'session') inspectSetting(inspection, index)
  else if (effect === 'effect') inspection.why = `calls ${name}()`
  else if (!isNoCall(statement, index)) inspection.why = `calls ${name}(), which is not known to be harmless`
}

/** `set_config('name', …)`: only a name that can be read can be vouched for. */
function inspectSetting(inspection: Inspection, index: number): void {
  const { statement } = inspection
  const name = signAt(statement, index + 3, ',') ? stringAt(statement, index + 2) : undefined
  if (name === undefined) inspection.why = 'changes a setting that the text does not name'
  else if (isProtectedSetting(name)) inspection.why = `changes ${name}`
  else inspection.session = true
}
