import type { RawConnection } from '../raw-connection.ts'
import type { CommitLog } from './commit-log.ts'

/**
 * The records of the tables' files and of commits, `COMMIT PREPARED` too. They are in the write-ahead log at every
 * `wal_level`, so that this needs no slot, which would wait for the transactions of other tests.
 */
export async function postgresCommitLog(query: RawConnection['query']): Promise<CommitLog> {
  await query('CREATE EXTENSION IF NOT EXISTS pg_walinspect')
  return {
    async position() {
      const [row] = await query('SELECT pg_current_wal_insert_lsn()::text AS position')
      return String(row?.['position'])
    },
    async commitsTo(tables, { since, from, to }) {
      const [row] = await query(selectCommits, [since, to, JSON.stringify(tables), from])
      return Number(row?.['commits'])
    },
  }
}

const selectCommits = `
WITH records AS MATERIALIZED (
  SELECT * FROM pg_get_wal_records_info(?::pg_lsn, ?::pg_lsn)
), files AS (
  SELECT 'rel ' || coalesce(nullif(c.reltablespace, 0), d.dattablespace) || '/' || d.oid || '/' || c.relfilenode || ' ' AS file
  FROM pg_class c, pg_database d, jsonb_array_elements_text(?::jsonb) AS wanted(name)
  WHERE d.datname = current_database() AND c.oid = wanted.name::regclass
), writers AS (
  SELECT DISTINCT r.xid::text AS xid FROM records r JOIN files f ON position(f.file IN r.block_ref) > 0
  WHERE r.resource_manager IN ('Heap', 'Heap2')
), commits AS (
  SELECT CASE record_type WHEN 'COMMIT_PREPARED' THEN substring(description FROM '^\\d+') ELSE xid::text END AS xid
  FROM records WHERE resource_manager = 'Transaction' AND record_type IN ('COMMIT', 'COMMIT_PREPARED') AND start_lsn >= ?::pg_lsn
)
SELECT count(*)::integer AS commits FROM commits JOIN writers USING (xid)`
