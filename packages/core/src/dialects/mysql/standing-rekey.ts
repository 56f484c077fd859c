import { setTimeout as pause } from 'node:timers/promises'
import { QuiesceError } from '../../domain/errors.ts'
import type { FenceSpec, FenceStep } from '../../domain/fence.ts'
import { markName } from '../../domain/fence-mark.ts'

const WAIT_MS = 100
/** How many attempts a holder that was given up is left with before its transactions are ended. */
const ATTEMPTS = 20
const PAUSE_MS = 20
const LAST_WAIT_MS = 900
const LAST_ATTEMPTS = 3

/**
 * Changes whose token passes a fence that stands, which waits for everybody who has asked it: transactions of the holder
 * that was given up, and ones that were refused. They get the time of some attempts, then they are ended.
 *
 * @throws QuiesceError `QUIESCE_CONTENDED` when they could not be.
 */
export async function rekeyStanding(
  fence: FenceSpec,
  change: (lockWaitMs: number) => Promise<FenceStep>,
  endAskers: () => Promise<void>,
): Promise<void> {
  for (let n = 0; n < ATTEMPTS; n += 1) {
    if ((await change(WAIT_MS)) === 'done') return
    await pause(PAUSE_MS * (0.5 + Math.random()))
  }
  for (let n = 0; n < LAST_ATTEMPTS; n += 1) {
    // The change waits in line before they are ended, so that what they begin anew comes after it.
    const [step] = await Promise.all([change(LAST_WAIT_MS), pause(WAIT_MS).then(endAskers)])
    if (step === 'done') return
  }
  throw new QuiesceError(
    'QUIESCE_CONTENDED',
    `The token of the fence ${markName(fence)} could not be changed: transactions that have written under it, or were refused, are open and could not be ended. End them, or let the account see and end them (docs/mysql.md).`,
    { fence: markName(fence) },
  )
}
