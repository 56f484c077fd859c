import type { CoordinationStore } from '../../domain/store.ts'
import { readRow } from '../row.ts'
import type { StoreContext } from './store-context.ts'

/** `log_bin` is off where there is nothing to flush. */
const selectDurability = `SELECT @@global.innodb_flush_log_at_trx_commit AS flushes, @@global.log_bin AS logs,
  @@global.sync_binlog AS syncs`

/** Settings of the server that no session can raise, and rights that are missing, in words. */
export function warningOperations(
  context: StoreContext,
  openWriters: CoordinationStore['openWriters'],
): Required<Pick<CoordinationStore, 'warnings'>> {
  return {
    async warnings() {
      const warnings: string[] = []
      const r = readRow((await context.executor.execute(selectDurability)).rows[0] ?? {})
      if (r.number('flushes') !== 1) {
        warnings.push(
          `innodb_flush_log_at_trx_commit is ${r.text('flushes')}: a crash of the server can lose a freeze that was answered. Set it to 1.`,
        )
      }
      if (r.boolean('logs') && r.number('syncs') !== 1) {
        warnings.push(
          `sync_binlog is ${r.text('syncs')}: a crash of the host can lose a freeze that was answered, or leave replicas without it. Set it to 1.`,
        )
      }
      if ((await openWriters()) === undefined) warnings.push(await blindness(context))
      return warnings
    },
  }
}

async function blindness({ server }: StoreContext): Promise<string> {
  const { language } = await server()
  const grants =
    language.product === 'mariadb'
      ? 'GRANT PROCESS ON *.*'
      : 'GRANT SELECT ON performance_schema.metadata_locks and performance_schema.threads'
  return `Open transactions of other programs cannot be seen, so a freeze does not wait for them. ${grants} to the user.`
}
