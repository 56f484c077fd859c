import type { SqlExecutor } from '../../domain/executor.ts'
import type { FenceBackend, StandingFence, TableRef } from '../../domain/fence.ts'
import { type FenceMark, MARK_PATTERN, markName, markOf } from '../../domain/fence-mark.ts'
import type { OpenWriter } from '../../domain/store.ts'
import { decodeWriter } from '../decode.ts'
import type { StoreOptions } from '../dialect.ts'
import { scopeOf } from '../fence-names.ts'
import { readRow } from '../row.ts'
import { attempt, explained } from './fence-attempt.ts'
import {
  createFunction,
  disarmFunction,
  dropFunctions,
  functionName,
  isPassable,
  lowerTables,
  raiseTables,
} from './fence-statements.ts'
import { surveyFence } from './fence-survey.ts'
import { fenceVerdicts } from './fence-verdicts.ts'
import { tableNames } from './names.ts'
import { selectBlockers } from './open-writers.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

/** Far longer than any attempt waits for locks: only a connection that is dead is given up by it. */
const STATEMENT_TIMEOUT_MS = 15_000
/** Longer than the default `deadlock_timeout`, after which the server itself ends an autovacuum that is in the way. */
const PACE = { tablesAtOnce: 100, oneByOne: true, parallel: 1, longestRaiseMs: 1500, longestLowerMs: 100 } as const

/**
 * The fence of triggers that exist only while the cluster is frozen: statement-level, `ENABLE ALWAYS`, one for each
 * table, partition and inheritance child. It costs nothing in read-write mode.
 */
export function createPostgresFence(executor: SqlExecutor, options: StoreOptions): FenceBackend {
  const context: StoreContext = {
    executor,
    namespace: options.namespace,
    location: options.location,
    tables: tableNames(options.location),
    synchronousCommit: options.synchronousCommit,
    hint: { channel: '', payload: '' },
  }
  const { schema } = context.tables
  // On connections of their own, so that no heartbeat waits behind an attempt.
  const run = async (sql: string): Promise<void> => {
    await executor.transaction((one) => one.execute(sql), { statementTimeoutMs: STATEMENT_TIMEOUT_MS })
  }
  const functionsOf = async (name: string): Promise<readonly string[]> => {
    const rows = await rowsOf(context, `SELECT oid::regproc::text AS name FROM pg_proc WHERE proname = $1`, [name])
    return rows.map((row) => readRow(row).text('name'))
  }
  const prepare: FenceBackend['prepare'] = (fence) =>
    explained(() => executor.execute(createFunction(context.tables, fence)))
  const { longestRaiseMs, longestLowerMs } = PACE
  const lowerScript = async (mark: FenceMark, tables: readonly TableRef[]): Promise<readonly string[]> => [
    disarmFunction(functionName(schema, mark)),
    ...tables.map((table) => lowerTables(mark, [table], longestLowerMs)),
    dropFunctions(mark),
  ]
  return {
    name: 'on-freeze',
    pace: PACE,
    verdicts: async () => fenceVerdicts,
    scope: scopeOf(options),
    survey: (request) => surveyFence(context, request),
    prepare,
    rekey: prepare,
    raise: (fence, tables, { lockWaitMs }) =>
      attempt(tables.length, () => run(raiseTables(schema, fence, tables, lockWaitMs))),
    lower: (mark, tables, { lockWaitMs }) => attempt(tables.length, () => run(lowerTables(mark, tables, lockWaitMs))),
    clear: (mark) => attempt(1, () => run(dropFunctions(mark))),
    async disarm(mark) {
      for (const name of await functionsOf(markName(mark)))
        if ((await attempt(0, () => executor.execute(disarmFunction(name)))) === 'busy') return 'busy'
      return 'done'
    },
    blockers: (tables) => blockersOf(context, tables),
    async standing() {
      return (await rowsOf(context, selectStanding)).map(standingFence).filter((fence) => fence !== undefined)
    },
    async script(fence, tables) {
      const each = tables.map((table) => raiseTables(schema, fence, [table], longestRaiseMs))
      return {
        raise: [createFunction(context.tables, fence), ...each],
        lower: await lowerScript(fence, tables),
      }
    },
    lowerScript,
    present: (tokens) => ({
      show: { sql: `SELECT set_config('quiesce.token', $1, true)`, parameters: [tokens.join(',')] },
    }),
  }
}

async function blockersOf(context: StoreContext, tables: readonly TableRef[]): Promise<readonly OpenWriter[]> {
  const names = tables.map(({ schema, table }) => ({ schema, name: table }))
  return (await rowsOf(context, selectBlockers, [JSON.stringify(names)])).map(decodeWriter)
}

function standingFence(row: Parameters<typeof readRow>[0]): StandingFence | undefined {
  const r = readRow(row)
  const mark = markOf(r.text('mark'))
  if (mark === undefined) return undefined
  return { mark, tables: r.json('tables') as readonly TableRef[], passable: r.boolean('passable') }
}

/** Every fence in the catalog, by what its objects' names begin with: triggers, and functions that no trigger calls. */
const selectStanding = `
SELECT mark, bool_or(passable) AS passable,
  coalesce(json_agg(json_build_object('schema', schema, 'table', "table") ORDER BY schema, "table") FILTER (WHERE "table" IS NOT NULL), '[]')::text AS tables
FROM (
  SELECT DISTINCT substring(t.tgname FROM '${MARK_PATTERN}') AS mark, n.nspname::text AS schema, c.relname::text AS "table",
    ${isPassable} AS passable
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_proc p ON p.oid = t.tgfoid
  WHERE NOT t.tgisinternal AND t.tgname ~ '${MARK_PATTERN}'
  UNION ALL
  SELECT substring(p.proname FROM '${MARK_PATTERN}'), NULL, NULL, ${isPassable} FROM pg_proc p WHERE p.proname ~ '${MARK_PATTERN}'
) found GROUP BY mark ORDER BY mark`
