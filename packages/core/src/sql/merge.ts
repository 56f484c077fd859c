import type { TableWrite } from '../domain/table-write.ts'
import { assignedColumns } from './assigned-columns.ts'
import { assignmentsAt } from './assignments.ts'
import { after, bareWordAt, type Statement, wordAt } from './statement.ts'
import { type Target, targetAt } from './target.ts'

const FOLLOW = new Set(['using'])
const ENDS = new Set(['when', 'returning'])

/**
 * The writes of a `MERGE` whose verb stands at `at`: one for each action of its WHEN clauses, or the operation `merge` of
 * all columns where an action can't be read. `undefined` where the target can't be read.
 */
export function mergeWrites(statement: Statement, at: number): readonly TableWrite[] | undefined {
  if (statement.grammar !== 'postgres') return undefined
  const target = targetAt(statement, wordAt(statement, at + 1) === 'into' ? at + 2 : at + 1, FOLLOW)
  if (target === undefined || wordAt(statement, target.next) !== 'using') return undefined
  return actions(statement, target) ?? [whole(target)]
}

/** The writes of the WHEN clauses, `undefined` where one can't be read or none writes. */
function actions(statement: Statement, target: Target): readonly TableWrite[] | undefined {
  const writes: TableWrite[] = []
  let cases = 0
  for (let index = target.next; index < statement.to; index = after(statement, index)) {
    const word = bareWordAt(statement, index)
    if (word === 'case') cases++
    else if (word === 'end') cases--
    if (word !== 'then' || cases > 0) continue
    const action = actionAt(statement, index + 1, target)
    if (action === undefined) return undefined
    if (action.write !== undefined) writes.push(action.write)
    index = action.next - 1
  }
  return writes.length > 0 && cases === 0 ? writes : undefined
}

function whole({ schema, table }: Target): TableWrite {
  return { operation: 'merge', schema, table, columns: 'all' }
}

interface Action {
  /** `undefined` for DO NOTHING. */
  readonly write: TableWrite | undefined
  readonly next: number
}

function actionAt(statement: Statement, at: number, target: Target): Action | undefined {
  const { schema, table } = target
  const next = at + 1
  switch (wordAt(statement, at)) {
    case 'do':
      return { write: undefined, next }
    case 'insert':
      return { write: { operation: 'insert', schema, table, columns: 'all' }, next }
    case 'delete':
      return { write: { operation: 'delete', schema, table, columns: 'all' }, next }
    case 'update': {
      if (wordAt(statement, next) !== 'set') return undefined
      const { paths, end } = assignmentsAt(statement, next + 1, ENDS)
      const columns = assignedColumns(statement.grammar, target, paths)
      return { write: { operation: 'update', schema, table, columns }, next: end }
    }
    default:
      return undefined
  }
}
