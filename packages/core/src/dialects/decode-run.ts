import { QuiesceError } from '../domain/errors.ts'
import type { Row } from '../domain/executor.ts'
import type { RunBeat, RunCancel, RunOnHolderLost, RunRecord } from '../domain/run.ts'
import type { RunOutcome, RunPhase, StepState } from '../domain/run-transition.ts'
import { readRow } from './row.ts'

/** Reads a run. What only its holder writes is taken as it is; names of phases and the like must be known. */
export function decodeRun(row: Row): RunRecord {
  const r = readRow(row)
  return {
    id: r.text('id'),
    nonce: r.text('nonce'),
    name: r.text('name'),
    reason: r.text('reason'),
    owner: r.text('owner'),
    holder: r.text('holder'),
    onHolderLost: r.text('on_holder_lost') as RunOnHolderLost,
    takeoverMs: r.number('takeover_ms'),
    takeovers: r.number('takeovers'),
    freezeId: r.optionalText('freeze_id'),
    progress: r.number('progress'),
    leaseRemainingMs: r.optionalText('ended_at') === undefined ? r.number('lease_remaining_ms') : undefined,
    cancel: cancelOf(row),
    startedAt: r.date('started_at'),
    endedAt: r.optionalDate('ended_at'),
    state: {
      phase: phaseOf(r.text('phase')),
      steps: r.json('steps') as readonly StepState[],
      thawed: r.boolean('thawed'),
      baseline: r.optionalText('baseline') === undefined ? undefined : r.json('baseline'),
      outcome: r.optionalText('outcome') as RunOutcome | undefined,
      error: r.optionalText('error'),
    },
  }
}

/** Reads the answer to a renewal. */
export function decodeBeat(row: Row): RunBeat {
  return { remainingMs: readRow(row).number('remaining_ms'), cancel: cancelOf(row) }
}

function cancelOf(row: Row): RunCancel | undefined {
  const r = readRow(row)
  const reason = r.optionalText('cancel_reason')
  return reason === undefined ? undefined : { by: r.text('cancel_by'), reason }
}

const phases: readonly RunPhase[] = [
  'enter',
  'preflight',
  'lock',
  'freeze',
  'steps',
  'verify',
  'rollback',
  'thaw',
  'ended',
]

function phaseOf(text: string): RunPhase {
  const found = phases.find((phase) => phase === text)
  if (found !== undefined) return found
  throw new QuiesceError(
    'QUIESCE_STATE_LOST',
    `The coordination tables hold the phase ${JSON.stringify(text)} of a run, which is none. Somebody altered the row; restore it.`,
    { phase: text },
  )
}
