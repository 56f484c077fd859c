import type { RunStore } from '../../domain/run.ts'
import { progressOf } from '../../domain/run-transition.ts'
import { decodeBeat, decodeRun } from '../decode-run.ts'
import { meaningOf } from './errors.ts'
import { findings } from './preflight.ts'
import {
  beatRun,
  boundIdle,
  cancelRun,
  closeProofs,
  endRuns,
  insertRun,
  proveFreeze,
  proveRun,
  saveRun,
  selectRuns,
  takeOverRun,
} from './run-statements.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

/** How long one attempt to take a run over waits for the old holder's transactions. */
const TAKEOVER_WAIT = '500ms'
/** Every node tries at each of its beats, so nobody waits for long. */
const CLOSE_WAIT = '50ms'

/** The runs; every method is one statement. */
export function runOperations(context: StoreContext): RunStore {
  const { executor, tables: t, namespace } = context
  return {
    async begin(run) {
      const { id, nonce, name, reason, owner, holder, onHolderLost, leaseMs, takeoverMs, state } = run
      const who = [namespace, id, nonce, name, reason, owner, holder, onHolderLost, leaseMs, takeoverMs]
      const detail = { run: id, name, reason, owner, onHolderLost, steps: state.steps.map((step) => step.name) }
      await rowsOf(context, insertRun(t), [...who, state.phase, JSON.stringify(state.steps), JSON.stringify(detail)])
    },

    async save(id, nonce, { state, freezeId, event }) {
      const { phase, steps, thawed, outcome, error } = state
      const what = [phase, JSON.stringify(steps), thawed, outcome ?? null, error ?? null, progressOf(state, 0)]
      const line = [
        freezeId ?? null,
        event.type,
        JSON.stringify({ run: id, ...event.detail }),
        jsonOrNull(state.baseline),
      ]
      return (await rowsOf(context, saveRun(t), [namespace, id, nonce, ...what, ...line])).length === 1
    },

    async beat(id, nonce, progress) {
      const [row] = await rowsOf(context, beatRun(t), [namespace, id, nonce, progress])
      return row === undefined ? undefined : decodeBeat(row)
    },

    async takeOver(id, expectedNonce, { nonce, holder, leaseMs }) {
      const parameters = [namespace, id, expectedNonce, nonce, holder, leaseMs, TAKEOVER_WAIT, 'run-taken-over']
      try {
        return (await executor.execute(takeOverRun(t), parameters)).rows.length === 1
      } catch (error) {
        if (meaningOf(error) === 'retry') return false
        throw error
      }
    },

    async closeProofs(freezeIds) {
      try {
        await executor.execute(closeProofs(t), [namespace, JSON.stringify(freezeIds), CLOSE_WAIT])
        return true
      } catch (error) {
        if (meaningOf(error) === 'retry') return false
        throw error
      }
    },

    async cancel(id, { by, reason }) {
      return (await rowsOf(context, cancelRun(t), [namespace, id, by, reason])).length === 1
    },

    async endLost(by) {
      const why = 'its holder was lost, and nobody went on with it'
      return (await rowsOf(context, endRuns(t), [namespace, null, by, 'lost', why])).map(({ id }) => String(id))
    },

    async end(id, outcome, { by, reason }) {
      return (await rowsOf(context, endRuns(t), [namespace, id, by, outcome, reason])).length === 1
    },

    findings: (limits) => findings(context, limits),

    async find(id) {
      return (await rowsOf(context, selectRuns(t), [namespace, id, 1])).map(decodeRun)[0]
    },

    list: async (limit) => (await rowsOf(context, selectRuns(t), [namespace, null, limit])).map(decodeRun),

    proof: (id, nonce, freezeNonce, idleMs) => [
      { sql: boundIdle, parameters: [String(idleMs)] },
      { sql: proveRun(t), parameters: [id, nonce] },
      ...(freezeNonce === undefined ? [] : [{ sql: proveFreeze(t), parameters: [id, freezeNonce] }]),
    ],
  }
}

function jsonOrNull(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}
