import { setTimeout as sleep } from 'node:timers/promises'
import type { CoordinationStore } from '../../domain/store.ts'
import { decodeNode } from '../decode.ts'
import { readRow } from '../row.ts'
import { insertEvent } from './event-statements.ts'
import type { SqliteStatements } from './executor.ts'
import { deleteNode, insertNode, selectLostNodes, selectNodes } from './node-statements.ts'
import { ownMark } from './process-mark.ts'
import { otherNodes, soleNodeRefused } from './sole-node.ts'
import { change, rowsOf, type StoreContext } from './store-context.ts'

const LOOK_MS = 100

/** The registry of nodes, in which there is one. */
export function nodeOperations(context: StoreContext): Pick<CoordinationStore, 'join' | 'leave' | 'nodes' | 'reap'> {
  const { tables: t, namespace } = context
  const remove = (db: SqliteStatements, id: string, type: 'node-left' | 'node-lost'): void => {
    if (db.run(deleteNode(t), { namespace, id }) > 0) insertEvent(t, db, { namespace, type, node: id })
  }
  return {
    /** A node of which nobody can tell whether it still runs gets until the end of its lease to show it. */
    async join({ id, host, pid, ...rest }) {
      const own = ownMark()
      const beats = new Map<string, number>()
      for (;;) {
        const waitMs = await change(context, (db) => {
          const others = otherNodes(db, t, namespace, own, beats)
          const living = others.find(({ liveness }) => liveness === 'running')
          if (living !== undefined) throw soleNodeRefused(context, living, own)
          const doubtful = others.filter(({ liveness }) => liveness === 'unknown')
          if (doubtful.length > 0) return Math.max(...doubtful.map(({ leaseRemainingMs }) => leaseRemainingMs))
          for (const gone of others) remove(db, gone.id, 'node-lost')
          const { pidSpace, startedAtMs } = own
          db.run(insertNode(t), { namespace, id, host, pid, pidSpace, startedAtMs, ...rest })
          insertEvent(t, db, { namespace, type: 'node-joined', node: id, detail: { host, pid } })
          return undefined
        })
        if (waitMs === undefined) return
        await sleep(Math.min(LOOK_MS, waitMs + 1))
      }
    },

    leave: (nodeId) => change(context, (db) => remove(db, nodeId, 'node-left')),

    nodes: async () => (await rowsOf(context, selectNodes(t), { namespace })).map(decodeNode),

    reap: (afterMs) =>
      change(context, (db) => {
        const ids = db.all(selectLostNodes(t), { namespace, afterMs }).map((row) => readRow(row).text('id'))
        for (const id of ids) remove(db, id, 'node-lost')
        return ids
      }),
  }
}
