import { randomUUID } from 'node:crypto'
import type { CoordinationStore } from '../../domain/store.ts'
import { decodeSnapshot, decodeWriter } from '../decode.ts'
import { readRow } from '../row.ts'
import { commitChange, freezeParameter } from './commit-statement.ts'
import { extendFreeze, renewFreeze } from './freeze-statements.ts'
import { selectOpenWriters, terminateWriters } from './open-writers.ts'
import { beatAndSelect, selectSnapshot } from './snapshot-statements.ts'
import { rowsOf, rowsOfOften, type StoreContext } from './store-context.ts'

type Operations = 'read' | 'beat' | 'commit' | 'renewFreeze' | 'extendFreeze' | 'openWriters' | 'terminate'

/** Reads and moves the cluster's state. */
export function stateOperations(context: StoreContext): Pick<CoordinationStore, Operations> {
  const { tables: t, namespace, location, synchronousCommit, hint } = context
  const json = (value: unknown): string => JSON.stringify(value)
  return {
    read: async () => decodeSnapshot((await rowsOf(context, selectSnapshot(t), [namespace]))[0], namespace),

    async beat(nodeId, { seenEpoch, ackedEpoch, inFlight, unknown, oldest }) {
      const parameters = [namespace, nodeId, seenEpoch, ackedEpoch, inFlight, unknown, oldest ?? null]
      return decodeSnapshot((await rowsOfOften(context, beatAndSelect(t), parameters))[0], namespace)
    },

    async commit({ epoch, nonce, database }, change, by) {
      const expected = [namespace, epoch, nonce, database]
      const next = [change.epoch, randomUUID(), change.mode, change.database, by]
      const parts = [
        freezeParameter(change.begin),
        ...[change.confirm, change.end, change.keep, change.events].map(json),
      ]
      const parameters = [
        ...expected,
        ...next,
        ...parts,
        hint.channel,
        hint.payload,
        synchronousCommit,
        json(change.hand),
      ]
      const [row] = await rowsOf(context, commitChange(t), parameters)
      return row !== undefined && readRow(row).number('moved') === 1
    },

    async renewFreeze(id, nonce) {
      const [row] = await rowsOf(context, renewFreeze(t), [namespace, id, nonce])
      return row === undefined ? undefined : readRow(row).number('remaining_ms')
    },

    async extendFreeze(id, nonce, { expectedEnd }) {
      const parameters = [namespace, id, nonce, expectedEnd?.getTime() ?? null]
      return (await rowsOf(context, extendFreeze(t), parameters)).length === 1
    },

    async terminate(writers) {
      await rowsOf(context, terminateWriters, [json(writers.map(({ id }) => id))])
    },

    async openWriters() {
      return (await rowsOf(context, selectOpenWriters, [location.schema, location.tablePrefix])).map(decodeWriter)
    },
  }
}
