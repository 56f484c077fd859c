import type { ShortTransaction } from '../../domain/executor.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import { decodeNode } from '../decode.ts'
import { readRow } from '../row.ts'
import { insertEvent } from './event-statements.ts'
import { deleteNode, insertNode, lockLostNodes, selectNodes } from './node-statements.ts'
import { change, rowsOf, type StoreContext } from './store-context.ts'

/** The registry of nodes; their heartbeat is part of reading the state. */
export function nodeOperations(context: StoreContext): Pick<CoordinationStore, 'join' | 'leave' | 'nodes' | 'reap'> {
  const { tables: t, namespace } = context
  const log = (tx: ShortTransaction, type: string, nodeId: string, detail: object = {}) =>
    tx.execute(insertEvent(t), [namespace, type, null, nodeId, null, JSON.stringify(detail)])
  return {
    join: (n) =>
      change(context, async (tx) => {
        const versions = [n.libraryVersion, n.protocolVersion, n.policyHash, n.heartbeatMs, n.leaseMs, n.leaseMs]
        await tx.execute(insertNode(t), [namespace, n.id, n.host, n.pid, n.application, ...versions])
        await log(tx, 'node-joined', n.id, { host: n.host, pid: n.pid })
      }),

    leave: (nodeId) =>
      change(context, async (tx) => {
        const { rowCount } = await tx.execute(deleteNode(t), [namespace, nodeId])
        if (rowCount > 0) await log(tx, 'node-left', nodeId)
      }),

    nodes: async () => (await rowsOf(context, selectNodes(t), [namespace])).map(decodeNode),

    reap: (afterMs) =>
      change(context, async (tx) => {
        const { rows } = await tx.execute(lockLostNodes(t), [namespace, afterMs])
        const ids = rows.map((row) => readRow(row).text('id'))
        for (const id of ids) {
          await tx.execute(deleteNode(t), [namespace, id])
          await log(tx, 'node-lost', id)
        }
        return ids
      }),
  }
}
