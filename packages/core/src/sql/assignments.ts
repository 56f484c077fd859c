import { after, bareWordAt, nameAt, type Statement, signAt, wordAt } from './statement.ts'

/** One assigned column: the parts of its name as written, without the indexes of arrays. */
export type AssignedPath = readonly string[]

/** The left sides of a SET list. */
interface Assignments {
  /** `undefined` where one of them can't be read. */
  readonly paths: readonly AssignedPath[] | undefined
  /** The index of the word that ends the list, or the statement's end. */
  readonly end: number
}

/** Reads `column = expression, (a, b) = row, …` up to one of the words that end it on the same level. */
export function assignmentsAt(statement: Statement, from: number, ends: ReadonlySet<string>): Assignments {
  const paths: AssignedPath[] = []
  let resolved = true
  let at = from
  for (;;) {
    const target = targetAt(statement, at)
    if (target === undefined) resolved = false
    else for (const path of target.paths) paths.push(path)
    const end = expressionEnd(statement, target?.next ?? at, ends)
    if (!signAt(statement, end, ',')) return { paths: resolved ? paths : undefined, end }
    at = end + 1
  }
}

interface Target {
  readonly paths: readonly AssignedPath[]
  readonly next: number
}

function targetAt(statement: Statement, at: number): Target | undefined {
  const target = signAt(statement, at, '(') ? listAt(statement, at) : pathAt(statement, at)
  if (target === undefined) return undefined
  const equals = signAt(statement, target.next, ':') ? target.next + 1 : target.next
  return signAt(statement, equals, '=') ? { ...target, next: equals + 1 } : undefined
}

function listAt(statement: Statement, at: number): Target | undefined {
  const close = after(statement, at) - 1
  const paths: AssignedPath[] = []
  let next = at + 1
  for (;;) {
    const path = pathAt(statement, next)
    if (path === undefined) return undefined
    paths.push(...path.paths)
    next = path.next
    if (next === close) return { paths, next: close + 1 }
    if (!signAt(statement, next, ',')) return undefined
    next++
  }
}

function pathAt(statement: Statement, at: number): Target | undefined {
  const path: string[] = []
  let next = at
  for (;;) {
    const name = nameAt(statement, next)
    if (name === undefined || name === '') return undefined
    path.push(name)
    next++
    while (signAt(statement, next, '[')) next = after(statement, next)
    if (!signAt(statement, next, '.')) return { paths: [path], next }
    next++
  }
}

/** The index of the comma or the ending word; `IS DISTINCT FROM` and the inside of CASE don't end anything. */
function expressionEnd(statement: Statement, from: number, ends: ReadonlySet<string>): number {
  let cases = 0
  let index = from
  for (; index < statement.to; index = after(statement, index)) {
    if (signAt(statement, index, ',')) return index
    const word = bareWordAt(statement, index)
    if (word === 'case') cases++
    else if (word === 'end' && cases > 0) cases--
    else if (cases === 0 && ends.has(word) && !distinctFrom(statement, index)) return index
  }
  return index
}

function distinctFrom(statement: Statement, index: number): boolean {
  return wordAt(statement, index) === 'from' && wordAt(statement, index - 1) === 'distinct'
}
