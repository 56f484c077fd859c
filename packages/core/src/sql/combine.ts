import type { TableWrite } from '../domain/table-write.ts'
import type { Analysis } from './analysis.ts'

const DANGER: Readonly<Record<Analysis['kind'], number>> = {
  read: 0,
  control: 1,
  session: 2,
  lock: 3,
  write: 4,
  ddl: 5,
  unknown: 6,
}

/** The verdict on a stack of statements: the most dangerous one, all writes together; transactions don't mix. */
export function combine(analyses: readonly Analysis[]): Analysis {
  let worst: Analysis = { kind: 'read' }
  const writes: TableWrite[] = []
  const actions = new Set<string>()
  for (const analysis of analyses) {
    if (DANGER[analysis.kind] > DANGER[worst.kind]) worst = analysis
    if (analysis.kind === 'write') for (const write of analysis.writes) writes.push(write)
    actions.add(analysis.kind === 'control' ? analysis.action : '')
  }
  if (worst.kind !== 'unknown' && actions.size > 1) {
    return { kind: 'unknown', why: 'transaction control together with other statements' }
  }
  return worst.kind === 'write' ? { kind: 'write', writes } : worst
}
