import type { GateMode, WriteOperation } from '@quiesce/core/adapter'
import type { DataSourceLike } from './data-source-like.ts'
import { type ColumnLike, type EntityEvent, fieldName, knownColumns } from './entity-event.ts'
import { type GuardContext, isRestricted } from './guard-context.ts'
import { putIn, takeOut } from './subscribers.ts'

/**
 * Refuses writes of entities early, with the names that the application knows: entity, properties, columns.
 *
 * It only ever refuses, and it is not complete; the statement decides. Entity hooks cost 6–16 % of a `save()`, so the
 * subscriber is registered only while writes are restricted.
 */
export function installEntityLayer(context: GuardContext, dataSource: DataSourceLike): void {
  const { gate, patches } = context
  const subscriber = createEntitySubscriber(context)

  const place = (isWanted: boolean): void => {
    if (isWanted) putIn(dataSource, subscriber, 'first')
    else takeOut(dataSource, subscriber)
  }
  patches.onUndo(gate.onModeChange((mode: GateMode) => place(mode !== 'read-write' && mode !== 'starting')))
  patches.onUndo(() => place(false))
  patches.replace(dataSource, 'initialize', (initialize) => async (args) => {
    const result = await initialize(args)
    place(isRestricted(gate))
    return result
  })
  place(isRestricted(gate))
}

type EntityHook = (event: EntityEvent) => void

function createEntitySubscriber(context: GuardContext): Readonly<Record<string, EntityHook>> {
  const refuse =
    (operation: WriteOperation, columnsOf: (event: EntityEvent) => readonly ColumnLike[]): EntityHook =>
    (event) =>
      refuseEarly(context, event, operation, columnsOf(event))
  const none = (): readonly ColumnLike[] => []
  const deleteDate = ({ metadata: { deleteDateColumn } }: EntityEvent): readonly ColumnLike[] =>
    deleteDateColumn === undefined ? [] : [deleteDateColumn]
  return {
    beforeInsert: refuse('insert', none),
    beforeUpdate: refuse('update', knownColumns),
    beforeRemove: refuse('delete', none),
    beforeSoftRemove: refuse('update', deleteDate),
    beforeRecover: refuse('update', deleteDate),
  }
}

function refuseEarly(
  { gate, runners }: GuardContext,
  { queryRunner, metadata }: EntityEvent,
  operation: WriteOperation,
  columns: readonly ColumnLike[],
): void {
  if (!isRestricted(gate)) return
  // While the node drains, a transaction that has written already may go on; only its session knows.
  const session = runners.connectionOf(queryRunner)?.session
  const isLeft = session === undefined ? queryRunner.isTransactionActive : session.mayWrite || session.aborted
  if (gate.mode === 'draining' && isLeft) return
  const { tableName, name: model } = metadata
  const schema = metadata.schema ?? metadata.database
  const names = columns.map(({ databaseName }) => databaseName)
  // Columns that are not known could all be exempt.
  if (operation === 'update' && names.length === 0 && gate.mentions(tableName, schema)) return
  const refused = gate.refusedColumns({
    operation,
    schema,
    table: tableName,
    columns: names.length === 0 ? 'all' : names,
  })
  if (refused === undefined) return
  const named = refused === 'all' ? columns : columns.filter(({ databaseName }) => refused.includes(databaseName))
  throw gate.refuse({
    operation,
    model,
    table: schema === undefined ? tableName : `${schema}.${tableName}`,
    ...(named.length === 0
      ? {}
      : {
          columns: named.map(({ databaseName }) => databaseName),
          fields: named.map(fieldName),
        }),
  })
}
