import type { FenceSpec } from '../../domain/fence.ts'
import { type FenceMark, markName } from '../../domain/fence-mark.ts'
import { refusalMessage } from '../../domain/fence-refusal.ts'
import { doBlock, quoteText, removed } from './fence-statements.ts'
import { quoteLiteral } from './names.ts'
import { epochMs } from './snapshot-statements.ts'
import { type StandingNames, standingLocks } from './standing-names.ts'
import type { StoreContext } from './store-context.ts'

/** The SQLSTATE of a fence that is not installed, or being changed; of our own class. */
export const NOT_INSTALLED = 'QS003'

/**
 * Raises a fence in one transaction: the exclusive lock is given when every transaction that had written has ended, and
 * those that come later see the new row. A fence that stands already stays as it is: a late statement of a holder that
 * was taken over does not bring its token back.
 */
export function raiseEntry(names: StandingNames, fence: FenceSpec, lockWaitMs: number): string {
  const { tables, namespace } = names
  const row = `${tables.fence} f WHERE f.namespace = ${quoteText(namespace)}`
  const entry = entryOf(fence)
  return doBlock(
    lockWaitMs,
    `
  PERFORM pg_advisory_xact_lock(${standingLocks(names).writers});
${assertHolder(names, fence)}
  PERFORM FROM ${row} AND f.installed FOR UPDATE;
  IF NOT EXISTS (SELECT FROM ${row} AND f.installed) THEN
    RAISE EXCEPTION 'the standing fence is not installed' USING ERRCODE = '${NOT_INSTALLED}';
  END IF;
  UPDATE ${tables.fence} SET raised = raised || ${quoteText(entry)}::jsonb
    WHERE namespace = ${quoteText(namespace)} AND NOT EXISTS (${entriesOf(fence)});`,
  )
}

/**
 * Changes whose token passes a fence. It waits for writes that have locked the row: those of a holder in REPEATABLE READ
 * or SERIALIZABLE. Flushed at once: no crash brings the old token back.
 */
export function rekeyEntry(
  names: StandingNames,
  fence: FenceSpec,
  lockWaitMs: number,
  synchronousCommit: StoreContext['synchronousCommit'],
): string {
  const { tables, namespace } = names
  return doBlock(
    lockWaitMs,
    `
  PERFORM set_config('synchronous_commit', '${synchronousCommit}', true);
  PERFORM pg_advisory_xact_lock(${standingLocks(names).row});
${assertHolder(names, fence)}
  UPDATE ${tables.fence} SET raised = (${entriesBut(fence)}) || ${quoteText(entryOf(fence))}::jsonb
    WHERE namespace = ${quoteText(namespace)};`,
  )
}

/** The lock on the freeze's row keeps others from ending it or taking it over before this transaction has ended. */
function assertHolder({ tables }: StandingNames, { freezeId, nonce }: FenceSpec): string {
  return `  SELECT INTO found id FROM ${tables.freeze} WHERE id = ${quoteLiteral(freezeId)} AND nonce = ${quoteLiteral(nonce)} AND ended_at IS NULL FOR SHARE;
  IF found.id IS NULL THEN${removed}
  END IF;`
}

/** Takes a fence's entry away. */
export function lowerEntry(names: StandingNames, mark: FenceMark, lockWaitMs: number): string {
  const { tables, namespace } = names
  return doBlock(
    lockWaitMs,
    `
  PERFORM pg_advisory_xact_lock(${standingLocks(names).row});
  UPDATE ${tables.fence} SET raised = (${entriesBut(mark)})
    WHERE namespace = ${quoteText(namespace)} AND EXISTS (${entriesOf(mark)});`,
  )
}

function entriesOf(mark: FenceMark): string {
  return `SELECT FROM jsonb_array_elements(raised) e WHERE e.value ->> 'mark' = ${quoteLiteral(markName(mark))}`
}

function entriesBut(mark: FenceMark): string {
  return `SELECT coalesce(jsonb_agg(e.value), '[]') FROM jsonb_array_elements(raised) e WHERE e.value ->> 'mark' <> ${quoteLiteral(markName(mark))}`
}

function entryOf(fence: FenceSpec): string {
  const { freezeId, tokenDigest = null } = fence
  return JSON.stringify([
    { mark: markName(fence), freeze: freezeId, digest: tokenDigest, message: refusalMessage(fence) },
  ])
}

/** Whether the table of the states is there, and what the role may do with it. $1 its name. */
export const selectState: string = `
SELECT to_regclass($1) IS NOT NULL AS present, coalesce(has_table_privilege(to_regclass($1), 'SELECT'), false) AS may_select,
  coalesce(has_table_privilege(to_regclass($1), 'UPDATE'), false) AS may_update`

/** The namespace's row. $1 namespace. */
export function selectRow({ tables }: Pick<StandingNames, 'tables'>): string {
  return `SELECT installed, raised::text AS raised FROM ${tables.fence} WHERE namespace = $1`
}

/** Tables with triggers whose names begin with $1. */
export const selectFencedTables: string = `
SELECT DISTINCT n.nspname::text AS schema, c.relname::text AS "table" FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE starts_with(t.tgname, $1) ORDER BY 1, 2`

/** Transactions that hold a lock of a standing fence, prepared ones too. $1, $2: upper and lower half of its key. */
export const selectLockHolders: string = `
SELECT l.virtualtransaction || '/' || coalesce(l.pid::text, 'prepared') AS id, coalesce(l.pid, 0) AS pid,
  ${epochMs('statement_timestamp() - a.xact_start')} AS age_ms,
  coalesce(nullif(a.application_name, ''), a.backend_type, CASE WHEN l.pid IS NULL THEN 'a prepared transaction' ELSE '' END) AS application,
  left(a.query, 120) AS query,
  coalesce((SELECT json_agg(DISTINCT n.nspname || '.' || c.relname) FROM pg_locks r JOIN pg_class c ON c.oid = r.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE r.virtualtransaction = l.virtualtransaction AND r.locktype = 'relation' AND c.relkind IN ('r', 'p', 'f')
      AND r.mode NOT IN ('AccessShareLock', 'RowShareLock')), '[]')::text AS tables
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1::bigint::oid AND l.objid = $2::bigint::oid AND l.objsubid = 1
  AND l.mode = 'ShareLock' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.pid IS DISTINCT FROM pg_backend_pid()`

/** The source of the function. $1 its name, $2 its schema. */
export const selectFunction: string = `
SELECT p.prosrc AS source FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = $1 AND n.nspname = $2`
