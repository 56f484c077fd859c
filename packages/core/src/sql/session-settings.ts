import type { Analysis } from './analysis.ts'
import { foldAscii } from './characters.ts'
import { isProtectedSetting, keepsProtection } from './protected-settings.ts'
import { after, nameAt, type Statement, signAt, stringAt, tokenAt, wordAt, wordsAt } from './statement.ts'

const OFF = new Set(['0', 'off', 'false'])
const ON = new Set(['1', 'on', 'true', 'default'])
const SESSION: Analysis = { kind: 'session' }
const UNFAMILIAR: Analysis = { kind: 'unknown', why: 'an unfamiliar SET' }
const READ_WRITE: Analysis = { kind: 'unknown', why: 'makes the transactions of the session read-write' }

/** What a `SET` at `at` does to the session, the server or the transaction; its expressions are judged elsewhere. */
export function setAnalysis(statement: Statement, at: number): Analysis {
  const scope = /^(session|local)$/.test(wordAt(statement, at + 1)) ? wordAt(statement, at + 1) : ''
  const next = scope === '' ? at + 1 : at + 2
  if (wordsAt(statement, next, 'characteristics', 'as', 'transaction')) {
    return readWrite(statement, next) ? READ_WRITE : SESSION
  }
  const mysql = statement.grammar === 'mysql' || statement.grammar === 'mariadb'
  if (wordAt(statement, next) === 'transaction') {
    if (!mysql || scope === '') return { kind: 'control', action: 'set-transaction' }
    return readWrite(statement, next) ? READ_WRITE : SESSION
  }
  return mysql ? mysqlSet(statement, at + 1) : postgresSet(statement, next)
}

/** What PostgreSQL's `RESET` at `at` does: going back to a default may switch a protection off. */
export function resetAnalysis(statement: Statement, at: number): Analysis {
  const name = dottedName(statement, at + 1)
  return isProtectedSetting(name) ? changes(name) : SESSION
}

function readWrite(statement: Statement, from: number): boolean {
  for (let index = from; index < statement.to; index++) if (wordsAt(statement, index, 'read', 'write')) return true
  return false
}

function postgresSet(statement: Statement, at: number): Analysis {
  const name = dottedName(statement, at)
  if (!isProtectedSetting(name)) return name === '' ? UNFAMILIAR : SESSION
  const value = signAt(statement, at + 1, '=') || wordAt(statement, at + 1) === 'to' ? at + 2 : -1
  return setsTo(statement, name, value) ? SESSION : changes(name)
}

/** MySQL's list: `SET @a = 1, SESSION b = 2, @@c = 3, NAMES utf8mb4`. */
function mysqlSet(statement: Statement, from: number): Analysis {
  let whole = from < statement.to ? SESSION : UNFAMILIAR
  for (let index = from; index < statement.to; index++) {
    const verdict = mysqlItem(statement, index)
    if (verdict.kind === 'control') whole = verdict
    else if (verdict !== SESSION) return verdict
    while (index < statement.to && !signAt(statement, index, ',')) index = after(statement, index)
  }
  return whole
}

function mysqlItem(statement: Statement, at: number): Analysis {
  const token = tokenAt(statement, at)
  if (token?.kind === 'variable') return isProtectedSetting(token.text) ? changes(`@${token.text}`) : SESSION
  let index = at
  while (signAt(statement, index, '@')) index++
  const special = mysqlKeyword(statement, index)
  if (special !== undefined) return special
  if (/^(session|local)$/.test(wordAt(statement, index))) index += signAt(statement, index + 1, '.') ? 2 : 1
  const name = dottedName(statement, index) || (stringAt(statement, index) ?? '')
  if (name === '') return UNFAMILIAR
  const value = assignedAt(statement, index + 1)
  if (foldAscii(name) === 'autocommit') return autocommitSet(statement, value)
  return isProtectedSetting(name) && !setsTo(statement, name, value) ? changes(name) : SESSION
}

/** The index behind `=` or `:=`, `-1` where neither stands. */
function assignedAt(statement: Statement, at: number): number {
  const equals = signAt(statement, at, ':') ? at + 1 : at
  return signAt(statement, equals, '=') ? equals + 1 : -1
}

/** Without autocommit a transaction is always open; to turn it on again commits what is open. */
function autocommitSet(statement: Statement, at: number): Analysis {
  const value = onlyValueAt(statement, at)
  if (OFF.has(value)) return { kind: 'control', action: 'begin' }
  return ON.has(value) ? { kind: 'control', action: 'commit' } : changes('autocommit')
}

/** What an item of SET does that isn't about the session. */
function mysqlKeyword(statement: Statement, at: number): Analysis | undefined {
  const word = wordAt(statement, at)
  if (/^(global|persist|persist_only)$/.test(word)) return { kind: 'unknown', why: 'changes a setting of the server' }
  if (word === 'password' || wordsAt(statement, at, 'default', 'role')) return { kind: 'ddl', verb: 'SET' }
  return word === 'resource' ? { kind: 'unknown', why: 'changes the resource group' } : undefined
}

function dottedName(statement: Statement, at: number): string {
  let name = nameAt(statement, at) ?? ''
  for (let index = at + 1; signAt(statement, index, '.'); index += 2) {
    name += `.${nameAt(statement, index + 1) ?? ''}`
  }
  return name
}

/** Whether the one token at `value`, with nothing behind it in its item, leaves the protection on. */
function setsTo(statement: Statement, name: string, value: number): boolean {
  return keepsProtection(name, onlyValueAt(statement, value))
}

/** The one token of an item's value in lower case, `''` where there is none, or more behind it. */
function onlyValueAt(statement: Statement, at: number): string {
  const token = at < 0 ? undefined : tokenAt(statement, at)
  if (token === undefined) return ''
  if (tokenAt(statement, at + 1) !== undefined && !signAt(statement, at + 1, ',')) return ''
  return foldAscii(stringAt(statement, at) ?? statement.sql.slice(token.start, token.end))
}

function changes(name: string): Analysis {
  return { kind: 'unknown', why: `changes ${name}` }
}
