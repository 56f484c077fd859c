import type { CoordinationStore } from '../../domain/store.ts'
import { readRow } from '../row.ts'
import { commitChange } from './commit-change.ts'
import { decodeJoinedSnapshot } from './decode-snapshot.ts'
import { extendFreeze, renewFreeze, selectLease } from './freeze-statements.ts'
import { beat, selectSnapshot } from './snapshot-statements.ts'
import { inTransaction, rowsOf, run, type StoreContext } from './store-context.ts'

type Operations = 'read' | 'beat' | 'commit' | 'renewFreeze' | 'extendFreeze'

/** Reads and moves the cluster's state. */
export function stateOperations(context: StoreContext): Pick<CoordinationStore, Operations> {
  const { tables: t, namespace, server } = context
  const snapshot = async (registered: boolean) => {
    const { language } = await server()
    return decodeJoinedSnapshot(await rowsOf(context, selectSnapshot(t, language), [namespace]), namespace, registered)
  }
  return {
    read: () => snapshot(true),

    // The renewal is committed before the state is read, as a node's registration is.
    async beat(nodeId, { seenEpoch, ackedEpoch, inFlight, unknown, oldest }) {
      const report = [seenEpoch, ackedEpoch, inFlight, unknown, oldest ?? null]
      const { rowCount } = await run(context, beat(t), [...report, nodeId, namespace])
      return snapshot(rowCount === 1)
    },

    async commit(expected, wanted, by) {
      const { language } = await server()
      return inTransaction(context, (tx) => commitChange(context, tx, language, expected, wanted, by))
    },

    // No transaction, so that a holder that is paused between the two keeps nobody from ending its freeze.
    async renewFreeze(id, nonce) {
      if ((await run(context, renewFreeze(t), [id, namespace, nonce])).rowCount !== 1) return undefined
      const [row] = await rowsOf(context, selectLease(t), [id, nonce])
      return row === undefined ? undefined : readRow(row).number('remaining_ms')
    },

    async extendFreeze(id, nonce, { expectedEnd }) {
      const parameters = [expectedEnd?.getTime() ?? null, id, namespace, nonce]
      return (await run(context, extendFreeze(t), parameters)).rowCount === 1
    },
  }
}
