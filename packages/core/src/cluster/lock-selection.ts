import { QuiesceError } from '../domain/errors.ts'
import type { LockSelection } from '../domain/lock-record.ts'
import type { ReleaseLocks } from './cluster.ts'

/** Checks which locks are to be freed. @throws QuiesceError `QUIESCE_NOT_HOLDER` for a name without force and reason. */
export function lockSelection(which: ReleaseLocks, nodeId: string): LockSelection {
  if ('own' in which) return { type: 'holder', holder: nodeId }
  if ('dead' in which) return { type: 'dead' }
  const { name, force, reason } = which
  if (force === true && reason) return { type: 'name', name, reason }
  throw new QuiesceError(
    'QUIESCE_NOT_HOLDER',
    `Freeing the lock ${JSON.stringify(name)} breaks the work of whoever holds it; if you must, pass force: true and a reason, which is recorded.`,
    { name },
  )
}
