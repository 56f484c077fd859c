import type { SqlExecutor } from '../../domain/executor.ts'
import type { FenceBackend, FenceSpec, FenceStep, TableRef } from '../../domain/fence.ts'
import { type FenceMark, markName } from '../../domain/fence-mark.ts'
import type { StoreOptions } from '../dialect.ts'
import { scopeOf } from '../fence-names.ts'
import { assertHolder } from './fence-holder.ts'
import { createFenceSessions } from './fence-session.ts'
import { functionSchemaOf } from './fence-survey.ts'
import { schemaVerdicts } from './fence-verdicts.ts'
import { tableNames } from './names.ts'
import { openTransactions, usersOf } from './open-transactions.ts'
import { createMarker, type Marker, readMarkers } from './schema-marker.ts'
import { surveySchemas } from './schema-survey.ts'
import { lowerSchemas, lowerSchemasScript, raiseSchemas, raiseSchemasScript, underSwitch } from './schema-switch.ts'
import { serverOf } from './server.ts'
import type { StoreContext } from './store-context.ts'

const SURVEY_WAIT_MS = 2000
const MARKER_WAIT_MS = 1000

/**
 * The fence of MySQL's READ ONLY schemas: one switch for all tables of a schema, which nobody passes, and no DDL either.
 *
 * The switch says nothing of who has thrown it, and the server keeps it over a restart. So a marker is made before: an
 * empty table beside the coordination tables that bears the fence's name and lists the schemas.
 */
export function createSchemaFence(executor: SqlExecutor, options: StoreOptions): FenceBackend {
  const context: StoreContext = {
    executor,
    namespace: options.namespace,
    tables: tableNames(options.location),
    server: serverOf(executor),
  }
  const sessions = createFenceSessions(executor)
  const home = async (): Promise<string> => functionSchemaOf(context, (await context.server()).database)
  const lower = async (mark: FenceMark, lockWaitMs: number): Promise<FenceStep> => {
    const schema = await home()
    return underSwitch(executor, sessions, lockWaitMs, (one) => lowerSchemas(one, schema, mark))
  }
  return {
    name: 'schema',
    byNameOnly: true,
    refusesHolder: true,
    // One attempt for all: there is one switch a schema, however many tables it has.
    pace: {
      tablesAtOnce: Number.MAX_SAFE_INTEGER,
      oneByOne: false,
      parallel: 1,
      longestRaiseMs: 200,
      longestLowerMs: 100,
    },
    verdicts: async () => schemaVerdicts(),
    scope: scopeOf(options),
    survey: (request) => sessions.run(SURVEY_WAIT_MS, (one) => surveySchemas(context, one, request)),
    async prepare(fence) {
      const schema = await home()
      await sessions.run(MARKER_WAIT_MS, (one) => createMarker(one, schema, fence))
    },
    async raise(fence: FenceSpec, tables, { lockWaitMs }) {
      const schema = await home()
      return underSwitch(executor, sessions, lockWaitMs, async (one) => {
        // Under the lock of who lowers: a marker that was made late is no leave.
        await assertHolder(one, context.tables, fence)
        await raiseSchemas(one, schema, fence, schemasOf(tables))
      })
    },
    blockers: async (tables) => usersOf(await openTransactions(context), tables),
    // No token passes, whosever it is.
    rekey: async () => {},
    lower: (mark, _, { lockWaitMs }) => lower(mark, lockWaitMs),
    async clear(mark) {
      const left = (await markers()).some((marker) => markName(marker.mark) === markName(mark))
      return left ? lower(mark, LONGEST_CLEAR_MS) : 'done'
    },
    async standing() {
      return (await markers()).map(({ mark, tables }) => ({ mark, tables, passable: false }))
    },
    async script(fence, tables) {
      const schema = await home()
      const schemas = schemasOf(tables)
      return { raise: raiseSchemasScript(schema, fence, schemas), lower: lowerSchemasScript(schema, fence, schemas) }
    },
    lowerScript: async (mark, tables) => lowerSchemasScript(await home(), mark, schemasOf(tables)),
    present: (tokens) => ({ show: { sql: 'DO ?', parameters: [tokens.length] } }),
  }

  async function markers(): Promise<readonly (Marker & { readonly tables: readonly TableRef[] })[]> {
    if ((await context.server()).language.product !== 'mysql') return []
    const schema = await home()
    return readMarkers(executor, schema)
  }
}

const LONGEST_CLEAR_MS = 100

function schemasOf(tables: readonly TableRef[]): readonly string[] {
  return [...new Set(tables.map(({ schema }) => schema))]
}
