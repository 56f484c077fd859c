import type { CoordinationStore } from '../../domain/store.ts'
import { decodeNode } from '../decode.ts'
import { readRow } from '../row.ts'
import { deleteNode, insertNode, reapNodes, selectNodes } from './node-statements.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

/** The registry of nodes; their heartbeat is part of reading the state. */
export function nodeOperations(context: StoreContext): Pick<CoordinationStore, 'join' | 'leave' | 'nodes' | 'reap'> {
  const { tables: t, namespace } = context
  return {
    async join(n) {
      const versions = [n.libraryVersion, n.protocolVersion, n.policyHash, n.heartbeatMs, n.leaseMs]
      await rowsOf(context, insertNode(t), [namespace, n.id, n.host, n.pid, n.application, ...versions])
    },

    async leave(nodeId) {
      await rowsOf(context, deleteNode(t), [namespace, nodeId])
    },

    nodes: async () => (await rowsOf(context, selectNodes(t), [namespace])).map(decodeNode),

    async reap(afterMs) {
      return (await rowsOf(context, reapNodes(t), [namespace, afterMs])).map((row) => readRow(row).text('id'))
    },
  }
}
