import { randomUUID } from 'node:crypto'
import { momentOf } from '../../domain/clock.ts'
import { QuiesceError } from '../../domain/errors.ts'
import type { RunRecord } from '../../domain/run.ts'
import { hasBegunWork } from '../../domain/run-transition.ts'
import type { HeldFreeze } from '../held-freeze.ts'
import { sleep } from '../sleep.ts'
import type { ResolvedRunOptions } from './run-options.ts'
import type { RunnerContext } from './runner.ts'

/** A lost run that is this process's now. */
export interface TakenRun {
  readonly record: RunRecord
  readonly nonce: string
  readonly grantedAt: ReturnType<typeof momentOf>
  /** Its freeze, without a gap; `undefined` when the run has none any more, as it should be. */
  readonly freeze: HeldFreeze | undefined
}

const PAUSE_MS = 50

/**
 * Takes a lost run over: first its record, which ends the old holder's claim and waits for the transactions that have
 * proved it, then its freeze. The caller has the run's lock, so nobody else does the same.
 *
 * `undefined` when there is nothing to go on with: the run ended meanwhile, had not begun its work, or shall only give
 * the writes back; its freeze is over then.
 *
 * @throws QuiesceError `QUIESCE_RUN_STATE` when the definition is another one, `QUIESCE_FREEZE_ENDED` when the freeze ended
 *   before anybody came, so that writes may have slipped between its steps.
 */
export async function takeRunOver(
  context: RunnerContext,
  options: ResolvedRunOptions,
  lost: RunRecord,
  signal: AbortSignal,
): Promise<TakenRun | undefined> {
  const { store, clock, freezer, nodeId } = context
  assertSameDefinition(options, lost)
  const nonce = randomUUID()
  let grantedAt = momentOf(clock)
  const taker = { nonce, holder: nodeId(), leaseMs: context.leaseMs }
  while (!(await store.runs.takeOver(lost.id, lost.nonce, taker))) {
    const now = await store.runs.find(lost.id)
    if (now === undefined || now.endedAt !== undefined) return undefined
    if (now.nonce === nonce) break
    await sleep(clock, PAUSE_MS, signal)
    grantedAt = momentOf(clock)
  }
  const goesOn = hasBegunWork(lost.state) && lost.onHolderLost !== 'thaw'
  if (!goesOn) {
    await giveUp(context, lost, 'its holder was lost')
    return undefined
  }
  if (lost.state.thawed || lost.freezeId === undefined) return { record: lost, nonce, grantedAt, freeze: undefined }
  const freeze = await freezer.takeOver(lost.freezeId, options.freeze)
  // Behind the last thing that needed the freeze, its end is what was wanted.
  if (freeze === undefined && lost.state.phase !== 'thaw') {
    await giveUp(context, lost, 'its freeze ended before anybody took it over')
    throw freezeGone(lost)
  }
  return { record: lost, nonce, grantedAt, freeze }
}

/** Thaws what a lost run left, and ends its record. */
async function giveUp({ store, freezer, nodeId }: RunnerContext, lost: RunRecord, why: string): Promise<void> {
  const by = nodeId()
  if (lost.freezeId !== undefined) await freezer.end({ id: lost.freezeId, by, why: 'holder-lost' })
  await store.runs.end(lost.id, 'lost', { by, reason: why })
}

function assertSameDefinition({ name, steps, onHolderLost }: ResolvedRunOptions, lost: RunRecord): void {
  const ours = steps.map((step) => step.name)
  const theirs = lost.state.steps.map((step) => step.name)
  if (ours.join('\0') === theirs.join('\0') && onHolderLost === lost.onHolderLost) return
  throw new QuiesceError(
    'QUIESCE_RUN_STATE',
    `The run ${JSON.stringify(name)} (${lost.id}) lost its holder and waits for another one, but this definition is not its own: it has the steps ${theirs.join(', ')} (onHolderLost: ${lost.onHolderLost}), not ${ours.join(', ')} (${onHolderLost}). Run its own definition, or end it with cancelRun(id, reason).`,
    { runId: lost.id, steps: theirs, onHolderLost: lost.onHolderLost },
  )
}

function freezeGone({ id, name, freezeId, state }: RunRecord): QuiesceError {
  const done = state.steps.filter(({ status }) => status === 'done').map((step) => step.name)
  return new QuiesceError(
    'QUIESCE_FREEZE_ENDED',
    `The freeze of the lost run ${JSON.stringify(name)} (${id}) ended before this process could take it over, so others may have written since. Done until then: ${done.join(', ') || 'nothing'}. See to it, then run again.`,
    { runId: id, freezeId, done },
  )
}
