import type { Analysis } from './analysis.ts'
import { copyAnalysis, loadWrites } from './bulk-load.ts'
import { combine } from './combine.ts'
import { controlAnalysis } from './control.ts'
import { executedByExplain } from './explain.ts'
import type { FunctionPolicy } from './function-policy.ts'
import { judgeRead, judgeWrite, writeReader } from './judge.ts'
import { isMainVerb, mainVerb } from './main-verb.ts'
import { pragmaAnalysis } from './pragma.ts'
import { resetAnalysis, setAnalysis } from './session-settings.ts'
import { findWord, part, type Statement, signAt, tokenAt, wordAt, wordsAt } from './statement.ts'
import { verbOf } from './verbs.ts'

/** `EXPLAIN` of `EXPLAIN` of …: nobody writes more, and no stack overflows. */
const DEEPEST = 4

/** What one statement does. */
export function classify(statement: Statement, policy: FunctionPolicy, depth = 0): Analysis {
  const at = mainVerb(statement)
  if (at < 0 || depth > DEEPEST) return unknown('no verb where one is expected')
  const word = wordAt(statement, at)
  if (at > statement.from && !isMainVerb(word)) return unknown(`${word.toUpperCase()} where a query is expected`)
  const reader = writeReader(word)
  if (reader !== undefined) return judgeWrite(statement, at, policy, reader)
  switch (verbOf(statement.grammar, word)) {
    case 'query':
      return judgeRead(statement, at, policy)
    case 'ddl':
      return definition(statement, at)
    case 'session':
      return { kind: 'session' }
    case 'lock':
      return { kind: 'lock' }
    case 'control':
      return controlAnalysis(statement, at)
    default:
      return special(statement, at, policy, depth)
  }
}

function unknown(why: string): Analysis {
  return { kind: 'unknown', why }
}

function definition(statement: Statement, at: number): Analysis {
  const word = wordAt(statement, at)
  if (statement.grammar === 'postgres' || statement.grammar === 'sqlite')
    return { kind: 'ddl', verb: word.toUpperCase() }
  return wordsAt(statement, at, 'drop', 'prepare') ? { kind: 'session' } : { kind: 'ddl', verb: word.toUpperCase() }
}

/** Verbs whose next words decide. */
function special(statement: Statement, at: number, policy: FunctionPolicy, depth: number): Analysis {
  const { grammar } = statement
  const word = wordAt(statement, at)
  const inner = (from: number, to = statement.to): Analysis => classify(part(statement, from, to), policy, depth + 1)
  switch (`${grammar === 'mariadb' ? 'mysql' : grammar} ${word}`) {
    case 'postgres explain':
    case 'sqlite explain':
    case 'mysql explain':
    case 'mysql describe':
    case 'mysql desc': {
      const executed = executedByExplain(statement, at)
      return executed === undefined ? { kind: 'read' } : inner(executed)
    }
    case 'mysql analyze':
      return analyzeTable(statement, at)
        ? { kind: 'ddl', verb: 'ANALYZE' }
        : inner(executedByExplain(statement, at) ?? at)
    case 'postgres copy':
      return copyAnalysis(statement, at, inner)
    case 'mysql load':
      return wordAt(statement, at + 1) === 'index'
        ? { kind: 'ddl', verb: 'LOAD' }
        : judgeWrite(statement, at, policy, loadWrites)
    case 'postgres set':
      return setAnalysis(statement, at)
    case 'mysql set':
      return mysqlSet(statement, at, policy, inner)
    case 'postgres reset':
      return resetAnalysis(statement, at)
    case 'postgres prepare':
      return wordAt(statement, at + 1) === 'transaction'
        ? controlAnalysis(statement, at)
        : unknown('prepares a statement')
    case 'postgres notify':
      return unknown('sends a notification')
    case 'sqlite pragma':
      return pragmaAnalysis(statement, at)
    default:
      return word === 'declare' ? declare(statement, at, inner) : unknown(word.toUpperCase())
  }
}

function analyzeTable(statement: Statement, at: number): boolean {
  const next = /^(no_write_to_binlog|local)$/.test(wordAt(statement, at + 1)) ? at + 2 : at + 1
  return /^tables?$/.test(wordAt(statement, next))
}

/** SET may hold expressions; MariaDB's `SET STATEMENT … FOR` runs what follows. */
function mysqlSet(
  statement: Statement,
  at: number,
  policy: FunctionPolicy,
  inner: (from: number) => Analysis,
): Analysis {
  if (wordAt(statement, at + 1) !== 'statement') {
    const judged = judgeRead(statement, at, policy)
    return judged.kind === 'unknown' || judged.kind === 'write' ? judged : setAnalysis(statement, at)
  }
  const run = findWord(statement, at + 2, 'for')
  if (run < 0) return unknown('SET STATEMENT')
  const settings = mysqlSet(part(statement, at + 1, run), at + 1, policy, inner)
  return combine([settings, inner(run + 1)])
}

/** A cursor does what its query does; `DECLARE @table …` of T-SQL leaves the verdict to the statements behind it. */
function declare(statement: Statement, at: number, inner: (from: number) => Analysis): Analysis {
  const variable = signAt(statement, at + 1, '@') || tokenAt(statement, at + 1)?.kind !== 'word'
  if (variable) {
    for (let index = at + 1; index < statement.to; index++) {
      if (isMainVerb(wordAt(statement, index)) && wordAt(statement, index) !== 'table') return unknown('DECLARE')
    }
    return { kind: 'session' }
  }
  const query = statement.grammar === 'postgres' ? findWord(statement, at + 2, 'for') : -1
  return query < 0 ? unknown('DECLARE') : inner(query + 1)
}
