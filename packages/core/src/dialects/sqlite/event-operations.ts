import type { CoordinationStore } from '../../domain/store.ts'
import { decodeEvent } from '../decode.ts'
import { selectEvents } from './event-statements.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

/** The audit trail; its lines are written together with what they tell. */
export function eventOperations(context: StoreContext): Pick<CoordinationStore, 'events'> {
  const { tables: t, namespace } = context
  return {
    events: async (limit) => (await rowsOf(context, selectEvents(t), { namespace, limit })).map(decodeEvent),
  }
}
