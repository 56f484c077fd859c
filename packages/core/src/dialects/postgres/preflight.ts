import { type Finding, longTransaction, type PreflightLimits, replicationLag } from '../../domain/preflight.ts'
import { readRow } from '../row.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

/** $1 milliseconds. */
const selectLongTransactions = `SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::float8 * 1000 AS age_ms,
    application_name AS application, left(query, 120) AS query
  FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND xact_start < clock_timestamp() - $1::float8 * interval '1 millisecond' ORDER BY xact_start`

/** $1 milliseconds. The lag is NULL when a standby has replayed everything. */
const selectLag = `SELECT coalesce(nullif(application_name, ''), client_addr::text, pid::text) AS replica,
    extract(epoch FROM replay_lag)::float8 * 1000 AS lag_ms
  FROM pg_stat_replication WHERE replay_lag > $1::float8 * interval '1 millisecond'`

/** $1 JSON array of our tables. */
const selectMissingPrivileges = `SELECT name, p AS privilege FROM jsonb_array_elements_text($1::jsonb) name,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p WHERE NOT has_table_privilege(name, p)`

/** What PostgreSQL can say before a run. */
export async function findings(context: StoreContext, limits: PreflightLimits): Promise<readonly Finding[]> {
  const { tables: t } = context
  const ours = [t.cluster, t.freeze, t.node, t.lock, t.event, t.run, t.runToken]
  const [long, lagging, missing] = await Promise.all([
    rowsOf(context, selectLongTransactions, [limits.longTransactionMs]),
    rowsOf(context, selectLag, [limits.replicationLagMs]),
    rowsOf(context, selectMissingPrivileges, [JSON.stringify(ours)]),
  ])
  return [
    ...missing.map((row): Finding => {
      const r = readRow(row)
      const grant = `GRANT ${r.text('privilege')} ON ${r.text('name')}`
      return { check: 'privilege', message: `the role lacks a privilege: ${grant}`, blocking: true }
    }),
    ...long.map((row) => {
      const r = readRow(row)
      const [pid, ageMs, application] = [r.number('pid'), r.number('age_ms'), r.optionalText('application') ?? '']
      return longTransaction({ pid, ageMs, application, query: r.optionalText('query') })
    }),
    ...lagging.map((row) => {
      const r = readRow(row)
      return replicationLag(r.text('replica'), r.number('lag_ms'))
    }),
  ]
}
