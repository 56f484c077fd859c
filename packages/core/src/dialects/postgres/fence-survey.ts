import {
  type FenceGap,
  type FenceSurvey,
  type FenceTable,
  refusedEvents,
  type SurveyRequest,
} from '../../domain/fence.ts'
import { markName } from '../../domain/fence-mark.ts'
import { withoutInstallations } from '../other-installations.ts'
import { readRow } from '../row.ts'
import { chosenBy, someOf } from '../table-choice.ts'
import { type FoundTable, foundTable, isCovered, refusable } from './fence-coverage.ts'
import { standingGaps, strangerGaps, tableGaps } from './fence-gaps.ts'
import { quoteIdentifier } from './names.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

/** Tables that a fence shall cover, what of them no trigger can refuse, and names that mean none. */
export interface WantedTables {
  /** Those that the role owns or may write. */
  readonly found: readonly FoundTable[]
  readonly tables: readonly (FenceTable & { readonly on: FoundTable })[]
  readonly gaps: readonly FenceGap[]
  readonly missing: readonly string[]
}

/** Reads what a fence has to cover; `covered` and the found triggers are those whose names begin with `prefix`. */
export async function wantedTables(
  context: StoreContext,
  { policy, selection, defaultSchema }: SurveyRequest,
  prefix: string,
): Promise<WantedTables> {
  const { schema = '', tablePrefix } = context.location
  const rows = await rowsOf(context, selectTables, [schema, tablePrefix, prefix])
  const all = withoutInstallations(rows.map(foundTable))
  const choice = chosenBy(selection, defaultSchema)
  const found = all.filter(({ reachable }) => reachable)
  const gaps: FenceGap[] = []
  const tables: WantedTables['tables'][number][] = []
  const strangers: FoundTable[] = []
  for (const on of all.filter((table) => choice.has(table))) {
    const wanted = refusedEvents(policy, on, on.columns)
    if (wanted === undefined) continue
    if (!on.reachable) {
      if (!isCovered(on, wanted)) strangers.push(on)
      continue
    }
    gaps.push(...tableGaps(on))
    const refuse = refusable(on, wanted)
    if (refuse === undefined) continue
    const { schema: of, table, heat } = on
    tables.push({ schema: of, table, refuse, heat, covered: isCovered(on, refuse), on })
  }
  const isProtected = (on: FoundTable): boolean => refusedEvents(policy, on, on.columns) !== undefined
  gaps.push(...choice.leftOut(all.filter(isProtected)), ...strangerGaps(strangers))
  const missing = choice.missing(found).map((name) => `there is no table ${name}, which tables.include names`)
  return { found, tables, gaps, missing }
}

/** Looks at the catalog: what is to be fenced, what can't be, and what the role lacks. */
export async function surveyFence(context: StoreContext, request: SurveyRequest): Promise<FenceSurvey> {
  const prefix = request.mark === undefined ? '' : markName(request.mark)
  const { tables, gaps, missing } = await wantedTables(context, request, prefix)
  return {
    tables: tables.map(({ on: _, ...table }) => table),
    gaps: [...gaps, ...(await generalGaps(context))],
    obstacles: [...missing, ...(await missingRights(context, tables))],
  }
}

/** What slips past triggers on every database, and what there is of it here. */
export async function generalGaps(context: StoreContext): Promise<readonly FenceGap[]> {
  const [row = {}] = await rowsOf(context, selectSubscriptions)
  return standingGaps(readRow(row).number('subscriptions'))
}

/** What the role lacks to make triggers on these tables and to take them off again. */
export async function missingRights(context: StoreContext, tables: WantedTables['tables']): Promise<readonly string[]> {
  const { schema = '' } = context.location
  const [row = {}] = await rowsOf(context, selectRights, [schema])
  const r = readRow(row)
  const foreign = tables.map(({ on }) => on).filter(({ owned }) => !owned)
  const obstacles = foreign.length === 0 ? [] : [notOwned(foreign)]
  if (!r.boolean('may_create'))
    obstacles.push(
      `the role may not create functions in the schema ${schema}: GRANT CREATE ON SCHEMA ${quoteIdentifier(schema)} TO CURRENT_USER`,
    )
  if (!r.boolean('may_write_functions'))
    obstacles.push('the role may not use the language plpgsql: GRANT USAGE ON LANGUAGE plpgsql')
  return obstacles
}

/** Only an owner can take a trigger off again, so a fence on these would be one that stays. */
function notOwned(tables: readonly FoundTable[]): string {
  return `the role does not own ${someOf(tables)}, so it could not lower a fence there: connect as their owner (or a member of it), or leave them out with tables: { exclude }`
}

/**
 * Every table, each with whether the role owns it or may write it, its columns and the triggers of one fence.
 *
 * $1 schema of the coordination tables, $2 their prefix, $3 beginning of the fence's trigger names, or empty.
 */
const selectTables = `
SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, pg_has_role(c.relowner, 'USAGE') AS owned,
  pg_has_role(c.relowner, 'USAGE') OR has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    OR has_any_column_privilege(c.oid, 'INSERT, UPDATE') AS reachable,
  current_setting('server_version_num')::integer AS version,
  EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AS of_extension,
  coalesce((SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''), '[]')::text AS columns,
  (pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid))::float8 AS heat,
  coalesce((SELECT json_agg(json_build_object('type', t.tgtype, 'enabled', t.tgenabled, 'columns', (SELECT json_agg(a.attname)
      FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (t.tgattr::smallint[]))))
    FROM pg_trigger t WHERE t.tgrelid = c.oid AND $3 <> '' AND starts_with(t.tgname, $3)), '[]')::text AS triggers
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'm') AND c.relpersistence <> 't' AND NOT starts_with(n.nspname, 'pg_')
  AND n.nspname <> 'information_schema' AND NOT (n.nspname = $1 AND starts_with(c.relname, $2))
ORDER BY 1, 2`

/** $1 schema of the coordination tables. */
const selectRights = `
SELECT has_schema_privilege($1, 'CREATE') AS may_create, has_language_privilege('plpgsql', 'USAGE') AS may_write_functions`

const selectSubscriptions = `
SELECT (SELECT count(*) FROM pg_subscription s WHERE s.subenabled
  AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()))::float8 AS subscriptions`
