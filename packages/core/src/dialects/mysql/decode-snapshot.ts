import type { Row } from '../../domain/executor.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import { decodeSnapshot } from '../decode.ts'
import { readRow } from '../row.ts'

/** Reads a snapshot from rows of which each holds the state and one of its freezes, or none. */
export function decodeJoinedSnapshot(rows: readonly Row[], namespace: string, registered: boolean): Snapshot {
  const [first] = rows
  if (first === undefined) return decodeSnapshot(undefined, namespace)
  const freezes = rows.filter((row) => row['freeze_id'] != null).map(freezeOf)
  return decodeSnapshot({ ...first, database: first['current_identity'], registered, freezes }, namespace)
}

function freezeOf(row: Row): Row {
  return {
    id: row['freeze_id'],
    nonce: row['freeze_nonce'],
    kind: row['kind'],
    phase: row['phase'],
    epoch: row['freeze_epoch'],
    database: row['freeze_database'],
    reason: row['reason'],
    owner: row['owner'],
    holder: row['holder'],
    exempt: readRow(row).json('exempt'),
    onHolderLost: row['on_holder_lost'],
    since: row['since'],
    expectedEnd: row['expected_end'],
    leaseRemainingMs: row['lease_remaining_ms'],
    deadlineRemainingMs: row['deadline_remaining_ms'],
    drainRemainingMs: row['drain_remaining_ms'],
    takeoverMs: row['takeover_ms'],
  }
}
