import { setTimeout as pause } from 'node:timers/promises'
import type { SqlExecutor, Statements } from '../../domain/executor.ts'
import type { FenceSpec, FenceStep } from '../../domain/fence.ts'
import { type FenceMark, markName } from '../../domain/fence-mark.ts'
import { type RowReader, readRow } from '../row.ts'
import { assertHolder } from './fence-holder.ts'
import type { FenceSession, FenceSessions } from './fence-session.ts'
import { killConnection } from './session.ts'
import type { StoreContext } from './store-context.ts'

/** What a claim is for: one at a time may say who passes, several may make triggers. */
type Purpose = 'key' | 'raise'

const RAISING = Array.from({ length: 16 }, (_, n) => `r${n}`)
const KEY_WAIT_SECONDS = 1
/** Longer than an attempt of a process that lives keeps its claim: whoever has it then hangs. */
const PATIENCE_MS = 1000
const LOOK_MS = 50
const MAX_LOOKS = 100

/** Runs attempts on a fence that say on the server who makes them, and that are its freeze's holder's. */
export interface Claims {
  /**
   * One attempt in a session that has a lock named after the fence, and has seen since that its freeze is active and this
   * holder's. DDL commits by itself here, so nothing of a transaction would last until its end; the lock of a session
   * does. So whoever ends a freeze, and then waits for these locks or ends their sessions, knows that nothing comes later.
   *
   * @throws QuiesceError `QUIESCE_FENCE` when the freeze has ended or is another's.
   */
  attempt(
    purpose: Purpose,
    fence: FenceSpec,
    lockWaitMs: number,
    work: (one: FenceSession) => Promise<unknown>,
  ): Promise<FenceStep>
  /** Waits for attempts that are under way, and ends the sessions of those that hang; `busy`: one could not be ended. */
  settle(mark: FenceMark): Promise<FenceStep>
}

/** Makes the claims of one process. */
export function createClaims(context: StoreContext, sessions: FenceSessions): Claims {
  const { executor } = context
  let next = 0
  const take = async (one: Statements, purpose: Purpose, mark: FenceMark): Promise<string | undefined> => {
    if (purpose === 'key') return lock(one, claimName(mark, 'key'), KEY_WAIT_SECONDS)
    for (const _ of RAISING) {
      next = (next + 1) % RAISING.length
      const name = await lock(one, claimName(mark, RAISING[next] ?? ''), 0)
      if (name !== undefined) return name
    }
    return undefined
  }
  return {
    async attempt(purpose, fence, lockWaitMs, work) {
      let isMine = false
      const step = await sessions.attempt(lockWaitMs, async (one) => {
        const name = await take(one, purpose, fence)
        isMine = name !== undefined
        if (name === undefined) return
        try {
          await assertHolder(one, context.tables, fence)
          await work(one)
        } finally {
          await one.execute('DO RELEASE_LOCK(?)', [name]).catch(() => {})
        }
      })
      if (isMine) return step
      // Whoever has had it for so long hangs, and must not be the last to say who passes.
      if (purpose === 'key') await endHolders(executor, [claimName(fence, 'key')], true)
      return 'busy'
    },

    async settle(mark) {
      const names = ['key', ...RAISING].map((what) => claimName(mark, what))
      for (let n = 0; n < MAX_LOOKS; n += 1) {
        if ((await endHolders(executor, names, n * LOOK_MS >= PATIENCE_MS)) === 0) return 'done'
        await pause(LOOK_MS)
      }
      return 'busy'
    },
  }
}

function claimName(mark: FenceMark, what: string): string {
  return `${markName(mark)}_${what}`
}

async function lock(one: Statements, name: string, seconds: number): Promise<string | undefined> {
  const [row = {}] = (await one.execute('SELECT GET_LOCK(?, ?) AS locked', [name, seconds])).rows
  return readRow(row).optionalNumber('locked') === 1 ? name : undefined
}

/** How many sessions have one of these locks; ended, where that is asked for. */
async function endHolders(executor: SqlExecutor, names: readonly string[], isEnding: boolean): Promise<number> {
  const sql = `SELECT ${names.map((_, n) => `IS_USED_LOCK(?) AS h${n}`).join(', ')}`
  const [r = {}] = (await executor.execute(sql, names)).rows
  const holders = holdersIn(readRow(r), names.length)
  if (isEnding) for (const id of holders) await killConnection(executor, id)
  return holders.length
}

function holdersIn(r: RowReader, count: number): readonly number[] {
  const found = Array.from({ length: count }, (_, n) => r.optionalNumber(`h${n}`))
  return found.filter((id) => id !== undefined)
}
