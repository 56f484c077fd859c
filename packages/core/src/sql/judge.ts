import type { TableWrite } from '../domain/table-write.ts'
import type { Analysis } from './analysis.ts'
import { deleteWrites } from './delete.ts'
import type { FunctionPolicy } from './function-policy.ts'
import { insertWrites } from './insert.ts'
import { type Findings, inspect } from './inspect.ts'
import { mergeWrites } from './merge.ts'
import { type Statement, wordAt } from './statement.ts'
import { truncateWrites } from './truncate.ts'
import { updateWrites } from './update.ts'

/** Reads the writes of the statement whose verb stands at an index; `undefined` where it can't tell them all. */
type WriteReader = (statement: Statement, at: number) => readonly TableWrite[] | undefined

const READERS: ReadonlyMap<string, WriteReader> = new Map([
  ['insert', insertWrites],
  ['replace', insertWrites],
  ['update', updateWrites],
  ['delete', deleteWrites],
  ['merge', mergeWrites],
  ['truncate', truncateWrites],
])

/** A text that lists more writes inside of one statement than this is refused instead of read to the end. */
const MOST_NESTED = 50

/** How the writes that begin with this word are read, `undefined` where the word begins none. */
export function writeReader(verb: string): WriteReader | undefined {
  return READERS.get(verb)
}

/** The verdict on a query: a read unless something inside of it writes, locks or calls what it must not. */
export function judgeRead(statement: Statement, main: number, policy: FunctionPolicy): Analysis {
  const findings = inspect(statement, main, policy)
  if (findings.why !== undefined) return { kind: 'unknown', why: findings.why }
  const writes = nestedWrites(findings)
  if (writes === undefined) return unreadable(statement, main)
  if (findings.into !== undefined) {
    return statement.grammar === 'postgres'
      ? { kind: 'ddl', verb: 'SELECT INTO' }
      : { kind: 'unknown', why: findings.into }
  }
  if (writes.length > 0) return { kind: 'write', writes }
  if (findings.sequence) return { kind: 'unknown', why: 'advances a sequence' }
  if (findings.locks) return { kind: 'lock' }
  return findings.session ? { kind: 'session' } : { kind: 'read' }
}

/** The verdict on a write: its own tables and those of the writes inside of it. */
export function judgeWrite(statement: Statement, main: number, policy: FunctionPolicy, reader: WriteReader): Analysis {
  const findings = inspect(statement, main, policy)
  if (findings.why !== undefined) return { kind: 'unknown', why: findings.why }
  const nested = nestedWrites(findings)
  const writes = reader(statement, main)
  if (writes === undefined || nested === undefined) return unreadable(statement, main)
  return { kind: 'write', writes: [...writes, ...nested] }
}

function nestedWrites(findings: Findings): readonly TableWrite[] | undefined {
  if (findings.nested.length > MOST_NESTED) return undefined
  const writes: TableWrite[] = []
  for (const nested of findings.nested) {
    const found = writeReader(wordAt(nested, nested.from))?.(nested, nested.from)
    if (found === undefined) return undefined
    writes.push(...found)
  }
  return writes
}

function unreadable(statement: Statement, main: number): Analysis {
  return { kind: 'unknown', why: `the tables that this ${wordAt(statement, main).toUpperCase()} changes can't be told` }
}
