import type { FunctionPolicy } from './function-policy.ts'
import { foldAscii } from './characters.ts'
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

const WRITE_VERBS = new Set(['insert', 'update', 'delete', 'merge', 'replace'])
const KEYWORDS = new Set([...WRITE_VERBS, 'into', 'for', 'lock', 'next'])

/** Looks through the tokens of a statement once; `main` is the index of its own verb. */
export function inspect(statement: Statement, main: number, policy: FunctionPolicy): Findings {
  const findings: Findings = {
    why: undefined,
    sequence: false,
    locks: false,
    session: false,
    into: undefined,
    nested: [],
  }
  const closes: number[] = []
  for (let index = statement.from; index < statement.to; index++) {
    const token = statement.tokens[index]
    if (token === undefined || findings.why !== undefined) break
    if (token.kind === 'sign') {
      if (token.text === ';') findings.why = 'a semicolon inside of brackets'
      else if (token.text === '@') inspectQuotedVariable(statement, index, findings)
      else if (token.match > index) closes.push(token.match)
      else if (token.match >= 0) closes.pop()
    } else if (token.kind === 'word' || token.kind === 'quoted') {
      if (signAt(statement, index + 1, '(')) inspectCall(statement, index, policy, findings)
      if (index !== main && token.kind === 'word' && KEYWORDS.has(token.text)) {
        inspectKeyword(statement, index, token, closes.at(-1) ?? statement.to, findings)
      }
    } else if (token.kind === 'variable') {
      inspectVariable(statement, index, token, findings)
    }
  }
  return findings
}

function inspectKeyword(statement: Statement, index: number, token: Token, close: number, findings: Findings): void {
  if (isLabel(statement, index)) return
  switch (token.text) {
    case 'into':
      return inspectInto(statement, index, findings)
    case 'for':
      if (/^(update|share)$/.test(wordAt(statement, index + 1)) || isKeyLock(statement, index)) findings.locks = true
      return
    case 'lock':
      if (wordsAt(statement, index + 1, 'in', 'share', 'mode')) findings.locks = true
      return
    case 'next':
      if (wordsAt(statement, index + 1, 'value', 'for')) findings.sequence = true
      return
    default:
      if (isNestedWrite(statement, index)) findings.nested.push(part(statement, index, close))
  }
}

/** A keyword behind AS or a dot is a name. */
function isLabel(statement: Statement, index: number): boolean {
  return wordAt(statement, index - 1) === 'as' || signAt(statement, index - 1, '.')
}

function isKeyLock(statement: Statement, index: number): boolean {
  return wordsAt(statement, index + 1, 'key', 'share') || wordsAt(statement, index + 1, 'no', 'key', 'update')
}

/** A write verb that begins a statement inside of brackets, or follows the last bracket of a nested WITH. */
function isNestedWrite(statement: Statement, index: number): boolean {
  if (!signAt(statement, index - 1, '(') && !signAt(statement, index - 1, ')')) return false
  const next = tokenAt(statement, index + 1)
  return next?.kind === 'word' || next?.kind === 'quoted' || next?.kind === 'string'
}

function inspectInto(statement: Statement, index: number, findings: Findings): void {
  if (WRITE_VERBS.has(wordAt(statement, index - 1))) return
  if (tokenAt(statement, index + 1)?.kind === 'variable' || signAt(statement, index + 1, '@')) return
  const file = /^(outfile|dumpfile)$/.test(wordAt(statement, index + 1))
  findings.into = file ? 'writes a file on the server' : 'stores its result'
}

function inspectVariable(statement: Statement, index: number, token: Token, findings: Findings): void {
  if (!isProtectedSetting(token.text)) return
  if (signAt(statement, index + 1, ':') || wordAt(statement, index - 1) === 'into' || signAt(statement, index - 1, ',')) {
    findings.why = `changes @${token.text}`
  }
}

/** `@'name'`: a variable too. `@@name` is a setting, which is only read here. */
function inspectQuotedVariable(statement: Statement, index: number, findings: Findings): void {
  if (signAt(statement, index - 1, '@') || signAt(statement, index + 1, '@')) return
  const name = nameAt(statement, index + 1) ?? stringAt(statement, index + 1)
  if (name !== undefined && isProtectedSetting(name)) findings.why = `names @${name}`
}

function inspectCall(statement: Statement, index: number, policy: FunctionPolicy, findings: Findings): void {
  const name = wordAt(statement, index) || foldAscii(nameAt(statement, index) ?? '')
  const effect = policy(name)
  if (effect === undefined) return
  if (effect === 'sequence') findings.sequence = true
  else if (effect === 'lock') findings.locks = true
  else if (effect === 'notify') findings.why = 'sends a notification'
  else if (effect === 'session') inspectSetting(statement, index, findings)
  else if (effect === 'effect') findings.why = `calls ${name}()`
  else if (!isColumnList(statement, index)) findings.why = `calls ${name}(), which is not known to be harmless`
}

/** `set_config('name', …)`: only a name that can be read can be vouched for. */
function inspectSetting(statement: Statement, index: number, findings: Findings): void {
  const name = signAt(statement, index + 3, ',') ? stringAt(statement, index + 2) : undefined
  if (name === undefined) findings.why = 'changes a setting that the text does not name'
  else if (isProtectedSetting(name)) findings.why = `changes ${name}`
  else findings.session = true
}

/** `AS t(a, b)`, `INTO t (a, b)`, `) t(a, b)`: a name with its columns, no call. */
function isColumnList(statement: Statement, index: number): boolean {
  const before = wordAt(statement, index - 1)
  if (before === 'as' || before === 'into') return true
  const open = statement.tokens[index - 1]?.match ?? -1
  return open >= 0 && open < index && wordAt(statement, open - 1) !== 'on'
}
