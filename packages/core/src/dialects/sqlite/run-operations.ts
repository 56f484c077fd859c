import type { RunStore } from '../../domain/run.ts'
import { progressOf } from '../../domain/run-transition.ts'
import { decodeBeat, decodeRun } from '../decode-run.ts'
import { readRow } from '../row.ts'
import { insertEvent } from './event-statements.ts'
import { beatRun, cancelRun, endRuns, insertRun, saveRun, selectRuns, takeOverRun } from './run-statements.ts'
import { change, rowsOf, type StoreContext } from './store-context.ts'

/** The runs. The tables are in a file beside the application's database, so its transactions cannot prove anything there. */
export function runOperations(context: StoreContext): RunStore {
  const { tables: t, namespace } = context
  const end = (id: string | null, by: string, outcome: string, error: string): Promise<readonly string[]> =>
    change(context, (db) =>
      db.all(endRuns(t), { namespace, id, outcome, error }).map((row) => {
        const r = readRow(row)
        const [run, holder, freezeId] = [r.text('id'), r.text('holder'), r.optionalText('freeze_id')]
        const detail = { run, outcome, by, holder, error }
        insertEvent(t, db, { namespace, type: 'run-ended', node: by, freezeId, detail })
        return run
      }),
    )
  return {
    begin: ({ state, ...run }) =>
      change(context, (db) => {
        const { id, name, reason, owner, holder, onHolderLost } = run
        const { phase, steps } = state
        db.run(insertRun(t), { namespace, ...run, phase, steps: JSON.stringify(steps) })
        const detail = { run: id, name, reason, owner, onHolderLost, steps: steps.map((step) => step.name) }
        insertEvent(t, db, { namespace, type: 'run-begun', node: holder, detail })
      }),

    save: (id, nonce, { state, freezeId = null, event }) =>
      change(context, (db) => {
        const { phase, outcome = null, error = null } = state
        const what = { phase, outcome, error, steps: JSON.stringify(state.steps), thawed: state.thawed ? 1 : 0 }
        const progress = progressOf(state, 0)
        const baseline = state.baseline === undefined ? null : JSON.stringify(state.baseline)
        const [row] = db.all(saveRun(t), { namespace, id, nonce, freezeId, progress, baseline, ...what })
        if (row === undefined) return false
        const r = readRow(row)
        const detail = { run: id, ...event.detail }
        const [node, freeze] = [r.text('holder'), r.optionalText('freeze_id')]
        insertEvent(t, db, { namespace, type: event.type, node, freezeId: freeze, detail })
        return true
      }),

    beat: (id, nonce, progress) =>
      change(context, (db) => db.all(beatRun(t), { namespace, id, nonce, progress }).map(decodeBeat)[0]),

    takeOver: (id, nonce, { nonce: newNonce, holder, leaseMs }) =>
      change(context, (db) => {
        const [row] = db.all(takeOverRun(t), { namespace, id, nonce, newNonce, holder, leaseMs })
        if (row === undefined) return false
        const freezeId = readRow(row).optionalText('freeze_id')
        insertEvent(t, db, {
          namespace,
          type: 'run-taken-over',
          node: holder,
          freezeId,
          detail: { run: id, by: holder },
        })
        return true
      }),

    cancel: (id, { by, reason }) =>
      change(context, (db) => {
        const [row] = db.all(cancelRun(t), { namespace, id, by, reason })
        if (row === undefined) return false
        const freezeId = readRow(row).optionalText('freeze_id')
        const detail = { run: id, by, reason }
        insertEvent(t, db, { namespace, type: 'run-cancel-requested', node: by, freezeId, detail })
        return true
      }),

    // There is one node, and nothing is proved.
    closeProofs: async () => true,
    endLost: (by) => end(null, by, 'lost', 'its holder was lost, and nobody went on with it'),
    end: async (id, outcome, { by, reason }) => (await end(id, by, outcome, reason)).length === 1,
    findings: async () => [],
    find: async (id) => (await rowsOf(context, selectRuns(t), { namespace, id, limit: 1 })).map(decodeRun)[0],
    list: async (limit) => (await rowsOf(context, selectRuns(t), { namespace, id: null, limit })).map(decodeRun),
    proof: () => undefined,
  }
}
