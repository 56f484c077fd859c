import type { CoordinationStore } from '../../domain/store.ts'
import { decodeSnapshot } from '../decode.ts'
import { readRow } from '../row.ts'
import { commitChange } from './commit-change.ts'
import { extendFreeze, renewFreeze } from './freeze-statements.ts'
import { renewNode, selectSnapshot } from './snapshot-statements.ts'
import { change, rowsOf, type StoreContext } from './store-context.ts'

type Operations = 'read' | 'beat' | 'commit' | 'renewFreeze' | 'extendFreeze' | 'openWriters' | 'terminate'

/** Reads and moves the cluster's state. */
export function stateOperations(context: StoreContext): Pick<CoordinationStore, Operations> {
  const { executor, tables: t, namespace } = context
  return {
    async read() {
      const parameters = { namespace, marks: executor.marks(), registered: 1 }
      return decodeSnapshot((await rowsOf(context, selectSnapshot(t), parameters))[0], namespace)
    },

    async beat(id, { seenEpoch, ackedEpoch, inFlight, unknown, oldest = null }) {
      const rows = await change(context, (db) => {
        const registered = db.run(renewNode(t), { namespace, id, seenEpoch, ackedEpoch, inFlight, unknown, oldest })
        return db.all(selectSnapshot(t), { namespace, marks: executor.marks(), registered })
      })
      return decodeSnapshot(rows[0], namespace)
    },

    commit: (expected, wanted, by) => change(context, (db) => commitChange(context, db, expected, wanted, by)),

    async renewFreeze(id, nonce) {
      const [row] = await change(context, (db) => db.all(renewFreeze(t), { namespace, id, nonce }))
      return row === undefined ? undefined : readRow(row).number('remaining_ms')
    },

    async extendFreeze(id, nonce, { expectedEnd }) {
      const parameters = { namespace, id, nonce, expectedEnd: expectedEnd?.getTime() ?? null }
      return (await change(context, (db) => db.run(extendFreeze(t), parameters))) === 1
    },

    /** SQLite knows whether somebody has the write lock, but not who; what this process has in flight the gate knows. */
    openWriters: async () => undefined,
    terminate: async () => {},
  }
}
