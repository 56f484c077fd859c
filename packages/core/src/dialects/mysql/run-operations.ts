import type { ShortTransaction } from '../../domain/executor.ts'
import type { RunStore, RunTaker } from '../../domain/run.ts'
import { progressOf } from '../../domain/run-transition.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import { decodeBeat, decodeRun } from '../decode-run.ts'
import { readRow } from '../row.ts'
import { meaningOf } from './errors.ts'
import { insertEvent } from './event-statements.ts'
import { findings } from './preflight.ts'
import {
  beatRun,
  cancelRun,
  deleteToken,
  endRun,
  insertRun,
  insertToken,
  lockLostRun,
  lockLostRuns,
  lockRun,
  lockToken,
  moveToken,
  proveFreeze,
  proveRun,
  saveRun,
  selectBeat,
  selectProvable,
  selectRun,
  selectRuns,
  takeOverRun,
} from './run-statements.ts'
import { change, inTransaction, rowsOf, run, type StoreContext } from './store-context.ts'

/** How long one attempt to take a run over waits for the old holder's transactions. */
const TAKEOVER_WAIT_MS = 500
/** Every node tries at each of its beats, so nobody waits for long. */
const CLOSE_WAIT_MS = 50

/** The runs; each change is a short transaction. */
export function runOperations(context: StoreContext, openWriters: CoordinationStore['openWriters']): RunStore {
  const { tables: t, namespace } = context
  const log = (tx: ShortTransaction, type: string, node: string, freeze: unknown, detail: object) =>
    tx.execute(insertEvent(t), [namespace, type, null, node, freeze ?? null, JSON.stringify(detail)])
  const endAll = async (tx: ShortTransaction, rows: readonly object[], by: string, outcome: string, error: string) => {
    for (const row of rows) {
      const r = readRow(row as Readonly<Record<string, unknown>>)
      const [id, holder] = [r.text('id'), r.text('holder')]
      await tx.execute(endRun(t), [outcome, error, id])
      await tx.execute(deleteToken(t), [id])
      await log(tx, 'run-ended', by, r.optionalText('freeze_id'), { run: id, outcome, by, holder, error })
    }
  }
  return {
    begin: (fresh) =>
      change(context, async (tx) => {
        const { id, nonce, name, reason, owner, holder, onHolderLost, leaseMs, takeoverMs, state } = fresh
        const who = [namespace, id, nonce, name, reason, owner, holder, onHolderLost, leaseMs, leaseMs, takeoverMs]
        await tx.execute(insertRun(t), [...who, state.phase, JSON.stringify(state.steps)])
        await tx.execute(insertToken(t), [id, nonce])
        const steps = state.steps.map((step) => step.name)
        await log(tx, 'run-begun', holder, null, { run: id, name, reason, owner, onHolderLost, steps })
      }),

    save: (id, nonce, { state, freezeId, event }) =>
      change(context, async (tx) => {
        const { phase, steps, thawed, outcome = null, error = null } = state
        const baseline = state.baseline === undefined ? null : JSON.stringify(state.baseline)
        const what = [baseline, phase, JSON.stringify(steps), thawed ? 1 : 0, outcome, error, progressOf(state, 0)]
        const saved = await tx.execute(saveRun(t), [...what, freezeId ?? null, phase, id, namespace, nonce])
        if (saved.rowCount !== 1) return false
        if (phase === 'ended') await tx.execute(deleteToken(t), [id])
        const [row] = (await tx.execute(selectRun(t), [namespace, id])).rows
        const r = readRow(row ?? {})
        await log(tx, event.type, r.text('holder'), r.optionalText('freeze_id'), { run: id, ...event.detail })
        return true
      }),

    // No transaction, so that a holder that is paused between the two keeps nobody from taking the run over.
    async beat(id, nonce, progress) {
      if ((await run(context, beatRun(t), [progress, id, namespace, nonce])).rowCount !== 1) return undefined
      const [row] = await rowsOf(context, selectBeat(t), [id, nonce])
      return row === undefined ? undefined : decodeBeat(row)
    },

    async takeOver(id, expectedNonce, taker) {
      try {
        return await inTransaction(context, (tx) => takeOver(context, tx, id, expectedNonce, taker))
      } catch (error) {
        if (meaningOf(error) === 'retry') return false
        throw error
      }
    },

    async closeProofs(freezeIds) {
      const { language } = await context.server()
      try {
        for (const freezeId of freezeIds)
          for (const row of await rowsOf(context, selectProvable(t), [namespace, freezeId]))
            await inTransaction(context, async (tx) => {
              await tx.execute(lockToken(t, language, CLOSE_WAIT_MS), [row['id']])
              await tx.execute(moveToken(t), ['over', row['id']])
            })
        return true
      } catch (error) {
        if (meaningOf(error) === 'retry') return false
        throw error
      }
    },

    cancel: (id, { by, reason }) =>
      change(context, async (tx) => {
        const [row] = (await tx.execute(lockRun(t), [id, namespace])).rows
        if (row === undefined) return false
        await tx.execute(cancelRun(t), [by, reason, id, namespace])
        await log(tx, 'run-cancel-requested', by, row['freeze_id'], { run: id, by, reason })
        return true
      }),

    endLost: (by) =>
      change(context, async (tx) => {
        const { rows } = await tx.execute(lockLostRuns(t), [namespace])
        await endAll(tx, rows, by, 'lost', 'its holder was lost, and nobody went on with it')
        return rows.map((row) => readRow(row).text('id'))
      }),

    end: (id, outcome, { by, reason }) =>
      change(context, async (tx) => {
        const { rows } = await tx.execute(lockRun(t), [id, namespace])
        await endAll(tx, rows, by, outcome, reason)
        return rows.length === 1
      }),

    findings: (limits) => findings(openWriters, limits),

    find: async (id) => (await rowsOf(context, selectRun(t), [namespace, id])).map(decodeRun)[0],

    list: async (limit) => (await rowsOf(context, selectRuns(t), [namespace, limit])).map(decodeRun),

    proof: (id, nonce, freezeNonce) => [
      { sql: proveRun(t), parameters: [id, nonce] },
      ...(freezeNonce === undefined ? [] : [{ sql: proveFreeze(t), parameters: [id, freezeNonce] }]),
    ],
  }
}

async function takeOver(
  { tables: t, namespace, server }: StoreContext,
  tx: ShortTransaction,
  id: string,
  expectedNonce: string,
  { nonce, holder, leaseMs }: RunTaker,
): Promise<boolean> {
  const { language } = await server()
  // The token first, as the holder's own transactions have it: whoever waits for it keeps nobody else waiting.
  await tx.execute(lockToken(t, language, TAKEOVER_WAIT_MS), [id])
  const [lost] = (await tx.execute(lockLostRun(t), [id, namespace, expectedNonce])).rows
  if (lost === undefined) return false
  await tx.execute(moveToken(t), [nonce, id])
  await tx.execute(takeOverRun(t), [nonce, holder, leaseMs, leaseMs, id])
  const r = readRow(lost)
  const detail = JSON.stringify({ run: id, by: holder, from: r.text('holder') })
  const line = [namespace, 'run-taken-over', null, holder, r.optionalText('freeze_id') ?? null, detail]
  await tx.execute(insertEvent(t), line)
  return true
}
