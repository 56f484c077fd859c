import { epochMs } from './snapshot-statements.ts'

/**
 * Transactions alive in the server that have written, or wait to write, to a table of this database.
 *
 * Every INSERT, UPDATE, DELETE, MERGE and COPY FROM holds ROW EXCLUSIVE on its table from before its first row until
 * the transaction ends, TRUNCATE and REFRESH hold more; prepared transactions keep theirs. A table that was created by
 * the transaction itself has a lock and no name yet. `pg_locks` shows them to every role, and a virtual transaction id is
 * never used again by its backend.
 *
 * $1 schema of the coordination tables, $2 their prefix.
 */
export const selectOpenWriters: string = `
SELECT l.virtualtransaction || '/' || coalesce(l.pid::text, 'prepared') AS id, coalesce(l.pid, 0) AS pid,
  ${epochMs('statement_timestamp() - a.xact_start')} AS age_ms, coalesce(a.application_name, '') AS application,
  left(a.query, 120) AS query,
  coalesce(json_agg(DISTINCT n.nspname || '.' || c.relname) FILTER (WHERE c.oid IS NOT NULL), '[]')::text AS tables
FROM pg_locks l
LEFT JOIN pg_class c ON c.oid = l.relation
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (c.oid IS NULL AND l.mode = 'AccessExclusiveLock' OR c.relkind IN ('r', 'p', 'm')
    AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    AND NOT (n.nspname = $1 AND starts_with(c.relname, $2))) AND l.pid IS DISTINCT FROM pg_backend_pid()
  AND coalesce(a.backend_type, '') NOT LIKE 'autovacuum%'
GROUP BY 1, 2, 3, 4, 5`

/**
 * Ends the sessions whose virtual transaction still is one of these; no worker of the server's own, which the role may
 * not end. $1 JSON array of `virtualtransaction/pid`.
 */
export const terminateWriters: string = `
SELECT count(pg_terminate_backend(l.pid)) AS terminated
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid AND a.usesysid IS NOT NULL
WHERE l.locktype = 'virtualxid' AND l.granted AND l.pid <> pg_backend_pid()
  AND l.virtualxid || '/' || l.pid IN (SELECT jsonb_array_elements_text($1::jsonb))`

/**
 * Transactions that hold a lock with which a trigger cannot be created on one of these tables; also autovacuum, which
 * the server ends by itself for whoever waits longer than `deadlock_timeout`.
 *
 * $1 JSON array of `{ schema, name }`.
 */
export const selectBlockers: string = `
SELECT l.virtualtransaction || '/' || coalesce(l.pid::text, 'prepared') AS id, coalesce(l.pid, 0) AS pid,
  ${epochMs('statement_timestamp() - a.xact_start')} AS age_ms,
  coalesce(nullif(a.application_name, ''), a.backend_type, CASE WHEN l.pid IS NULL THEN 'a prepared transaction' ELSE '' END) AS application,
  left(a.query, 120) AS query, json_agg(DISTINCT n.nspname || '.' || c.relname)::text AS tables
FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN jsonb_to_recordset($1::jsonb) AS wanted(schema text, name text) ON wanted.schema = n.nspname AND wanted.name = c.relname
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.mode NOT IN ('AccessShareLock', 'RowShareLock') AND l.pid IS DISTINCT FROM pg_backend_pid()
GROUP BY 1, 2, 3, 4, 5`
