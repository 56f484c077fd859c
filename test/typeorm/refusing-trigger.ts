import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import { refusalMessage } from '../../packages/core/src/domain/fence-refusal.ts'

/** Makes a trigger that refuses to delete from `audit_log` as a fence would; returns what its refusal has to tell. */
export async function refuseDeletes(admin: Client): Promise<object> {
  const freezeId = randomUUID()
  const message = refusalMessage({ freezeId, reason: 'a fence' })
  await admin.query(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '25006', MESSAGE = '${message}', DETAIL = 'DELETE on public.audit_log was refused'; END $$`,
  )
  await admin.query('CREATE TRIGGER refuse BEFORE DELETE ON audit_log EXECUTE FUNCTION refuse()')
  // Its name too: TypeORM's wrapper takes all others over.
  return { name: 'ReadOnlyError', kind: 'QUIESCE_READ_ONLY', freezeId, operation: 'delete', table: 'public.audit_log' }
}
