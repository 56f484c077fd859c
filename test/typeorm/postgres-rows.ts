import type { Client } from 'pg'

/** Keeps the rows of every table in a schema beside them; returns the text that puts them and the sequences back. */
export async function keepRows(admin: Client): Promise<string> {
  const tables = await admin.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  )
  const names = tables.rows.map(({ name }) => admin.escapeIdentifier(name))
  const copies = names.map((name) => `CREATE TABLE kept.${name} AS TABLE public.${name};`)
  await admin.query(`CREATE SCHEMA kept; ${copies.join(' ')}`)
  const sequences = await admin.query<{ name: string; last: string | null }>(
    'SELECT quote_literal(quote_ident(schemaname) || $1 || quote_ident(sequencename)) AS name, last_value AS last FROM pg_sequences',
    ['.'],
  )
  const rows = names.map((name) => `DELETE FROM public.${name}; INSERT INTO public.${name} SELECT * FROM kept.${name};`)
  const numbers = sequences.rows.map(({ name, last }) => `SELECT setval(${name}, ${last ?? 1}, ${last !== null});`)
  return `SET session_replication_role = replica; SET lock_timeout = '3s'; BEGIN; ${[...rows, ...numbers].join(' ')} COMMIT`
}
