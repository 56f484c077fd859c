import type { TruthEvent, TruthSource } from './truth.ts'

type Query = (sql: string, parameters?: readonly unknown[]) => Promise<readonly Record<string, string>[]>

/** Reads PostgreSQL's logical decoding, which gives transactions in the order of their commits. */
export async function postgresTruth(query: Query): Promise<TruthSource> {
  await query(`SELECT pg_create_logical_replication_slot('chaos', 'test_decoding')`)
  const seen = new Set<string>()
  return {
    async read() {
      const rows = await query(
        `SELECT xid::text, data FROM pg_logical_slot_get_changes('chaos', NULL, NULL, 'skip-empty-xacts', '1') WHERE data LIKE 'table %'`,
      )
      // A slot does not remember over a crash of the server how far it was read.
      const fresh = rows.filter(({ xid = '' }) => !seen.has(xid))
      for (const { xid = '' } of fresh) seen.add(xid)
      return fresh.flatMap(({ data = '' }) => eventOf(data))
    },
  }
}

function eventOf(data: string): readonly TruthEvent[] {
  const value = (column: string): string => new RegExp(` ${column}\\[[^\\]]+\\]:'([^']*)'`).exec(data)?.[1] ?? ''
  if (data.startsWith('table public.entry: INSERT:')) return [{ kind: 'entry', id: value('id') }]
  if (data.startsWith('table public.mark: INSERT:')) return [markOf(value('name'), value('freeze_id'))]
  if (/^table quiesce\.quiesce_cluster: (INSERT|UPDATE):/.test(data)) {
    const epoch = / epoch\[bigint\]:(\d+)/.exec(data)?.[1]
    return [{ kind: 'mode', mode: value('mode'), epoch: Number(epoch) }]
  }
  return []
}

function markOf(mark: string, freeze: string): TruthEvent {
  return { kind: 'mark', mark: mark === 'resolved' ? 'resolved' : 'thawing', freeze }
}
