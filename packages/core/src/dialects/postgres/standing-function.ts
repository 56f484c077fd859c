import { NO_FREEZE, refusalMessage } from '../../domain/fence-refusal.ts'
import { quoteText } from './fence-statements.ts'
import { type StandingNames, standingLocks } from './standing-names.ts'

/**
 * The function that all triggers call. It takes the shared lock before it reads, so that what it read stays true until
 * the writing transaction ends; and it reads past the snapshot: a statement of READ COMMITTED sees what was committed
 * before it began, the others lock the row, which fails with 40001 when it has changed since their snapshot.
 *
 * A row that is not there refuses. An entry of a freeze that has ended refuses nothing. It runs with the rights of who
 * installed it, so that writers need none on the coordination tables; everything in it is qualified for that.
 */
export function standingFunction(names: StandingNames): string {
  const { tables, namespace } = names
  const locks = standingLocks(names)
  const read = `SELECT f.raised INTO entries FROM ${tables.fence} f WHERE f.namespace OPERATOR(pg_catalog.=) ${quoteText(namespace)}`
  const missing = refusalMessage({
    freezeId: NO_FREEZE,
    reason: 'the row of its standing fence is missing; quiesce fence install makes it again',
  })
  return `
DECLARE
  entries pg_catalog.jsonb;
  entry pg_catalog.jsonb;
  shown pg_catalog.text;
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock_shared(${locks.writers});
  IF pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.=) 'read committed' THEN
    ${read};
  ELSE
    PERFORM pg_catalog.pg_advisory_xact_lock_shared(${locks.row});
    ${read} FOR SHARE;
  END IF;
  IF entries OPERATOR(pg_catalog.=) '[]' THEN
    RETURN NULL;
  END IF;
  IF entries IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = '25006', MESSAGE = ${quoteText(missing)};
  END IF;
  shown := pg_catalog.concat(',', pg_catalog.current_setting('quiesce.token', true), ',');
  FOR entry IN SELECT e.value FROM pg_catalog.jsonb_array_elements(entries) e
    WHERE EXISTS (SELECT FROM ${tables.freeze} z WHERE z.ended_at IS NULL
      AND z.id OPERATOR(pg_catalog.=) ((e.value OPERATOR(pg_catalog.->>) 'freeze')::pg_catalog.uuid))
  LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.unnest(pg_catalog.string_to_array(shown, ',')) AS token
      WHERE pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(token, 'UTF8')), 'hex')
        OPERATOR(pg_catalog.=) (entry OPERATOR(pg_catalog.->>) 'digest')) THEN
      RAISE EXCEPTION USING ERRCODE = '25006', MESSAGE = entry OPERATOR(pg_catalog.->>) 'message',
        DETAIL = pg_catalog.concat(TG_OP, ' on ', TG_TABLE_SCHEMA, '.', TG_TABLE_NAME, ' was refused by the database itself.'),
        HINT = 'Reads still work; writes come back when the freeze ends. More: the quiesce_freeze row with its id, or cluster.state.';
    END IF;
  END LOOP;
  RETURN NULL;
END`
}
