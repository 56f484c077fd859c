import { type Finding, longTransaction, type PreflightLimits } from '../../domain/preflight.ts'
import { readRow } from '../row.ts'
import { errorNumberOf, explain } from './errors.ts'
import type { StoreContext } from './store-context.ts'

/** Needs PROCESS, without which the server shows nobody else's. ? milliseconds. */
const selectLongTransactions = `SELECT trx_mysql_thread_id AS pid, TIMESTAMPDIFF(SECOND, trx_started, NOW()) * 1000 AS age_ms,
    LEFT(COALESCE(trx_query, p.info), 120) AS query
  FROM information_schema.innodb_trx LEFT JOIN information_schema.processlist p ON p.id = trx_mysql_thread_id
  WHERE trx_mysql_thread_id <> CONNECTION_ID() AND TIMESTAMPDIFF(SECOND, trx_started, NOW()) * 1000 >= ? ORDER BY trx_started`

const DENIED = 1227

/** What MySQL or MariaDB can say before a run: how far behind replicas are is known to the replicas alone. */
export async function findings({ executor }: StoreContext, limits: PreflightLimits): Promise<readonly Finding[]> {
  try {
    const { rows } = await executor.execute(selectLongTransactions, [limits.longTransactionMs])
    return rows.map((row) => {
      const r = readRow(row)
      const [pid, ageMs] = [r.number('pid'), r.number('age_ms')]
      return longTransaction({ pid, ageMs, application: '', query: r.optionalText('query') })
    })
  } catch (error) {
    if (errorNumberOf(error) !== DENIED) throw explain(error)
    const message = 'long transactions cannot be seen; GRANT PROCESS ON *.* to the user'
    return [{ check: 'privilege', message, blocking: false }]
  }
}
