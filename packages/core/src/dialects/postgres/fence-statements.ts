import { createHash } from 'node:crypto'
import type { FenceSpec, FenceTable, RefusedEvents, TableRef } from '../../domain/fence.ts'
import { type FenceMark, markName } from '../../domain/fence-mark.ts'
import { refusalMessage } from '../../domain/fence-refusal.ts'
import { quoteIdentifier, quoteLiteral, type TableNames } from './names.ts'

/** The SQLSTATE of a fence that was removed while somebody was raising it; of our own class. */
export const FENCE_REMOVED = 'QS002'

/** What lets everything pass: the triggers stay and do nothing. */
const inertBody = 'BEGIN RETURN NULL; END'

/**
 * The function that all triggers of one fence call. It reads no table: the digest of the token that passes is a literal
 * in it, so replacing the function changes at once, and without a lock on any table, who passes.
 *
 * The body is compiled under the settings of whoever writes, so names are qualified and no literal has a bare backslash.
 */
export function createFunction({ schema, freeze: freezeTable }: TableNames, fence: FenceSpec): string {
  const { freezeId, tokenDigest, nonce } = fence
  const body = `
DECLARE
  shown pg_catalog.text := pg_catalog.current_setting('quiesce.token', true);
  one pg_catalog.text;
BEGIN${tokenDigest === undefined ? '' : passing(tokenDigest)}
  RAISE EXCEPTION USING ERRCODE = '25006', MESSAGE = ${quoteText(refusalMessage(fence))},
    DETAIL = pg_catalog.concat(TG_OP, ' on ', TG_TABLE_SCHEMA, '.', TG_TABLE_NAME, ' was refused by the database itself.'),
    HINT = ${quoteText(`Reads still work; writes come back when the freeze ends. More: the quiesce_freeze row with id ${freezeId}, or cluster.state.`)};
END`
  return doBlock(
    1000,
    // Flushed, unlike the triggers, which the freeze's own commit flushes: no crash may bring an old token back.
    `
  PERFORM set_config('synchronous_commit', 'on', true);
  SELECT INTO found id FROM ${freezeTable} WHERE id = ${quoteLiteral(freezeId)} AND nonce = ${quoteLiteral(nonce)} AND ended_at IS NULL FOR SHARE;
  IF found.id IS NULL THEN${removed}
  END IF;
  ${replaceFunction(functionName(schema, fence), body)};`,
  )
}

/**
 * A holder that was asleep for so long that its freeze has ended, or is another one's, must not fence anything any more,
 * nor say who passes; the lock on the row keeps others from taking over in between.
 */
export const removed: string = `
    RAISE EXCEPTION 'the freeze has ended, or has another holder' USING ERRCODE = '${FENCE_REMOVED}';`

/** Lets a token pass by its digest; the setting may hold several, one for each fence. */
function passing(digest: string): string {
  return `
  IF shown IS NOT NULL THEN
    FOREACH one IN ARRAY pg_catalog.string_to_array(shown, ',') LOOP
      IF pg_catalog.sha256(pg_catalog.convert_to(one, 'UTF8')) OPERATOR(pg_catalog.=) pg_catalog.decode(${quoteLiteral(digest)}, 'hex') THEN
        RETURN NULL;
      END IF;
    END LOOP;
  END IF;`
}

/** The function of a fence, as statements name it. */
export function functionName(schema: string, mark: FenceMark): string {
  return `${schema}.${quoteIdentifier(markName(mark))}`
}

/** Whether the source of a fence's function lets some token pass. */
export const isPassable: string = `p.prosrc LIKE '%sha256%'`

/** Disarms a function by its name as `regproc` prints it. */
export function disarmFunction(name: string): string {
  return replaceFunction(name, inertBody)
}

function replaceFunction(name: string, body: string): string {
  return `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS ${dollarQuote(body)}`
}

/**
 * Fences some tables in one transaction; a trigger that somebody has disabled is enabled again. `CREATE TRIGGER` waits for the transactions that have written to the table, and
 * nobody reads it less for that: its lock conflicts with writers only.
 *
 * The shared advisory lock keeps the function from being dropped in between. Flushing is left to the commit that
 * confirms the freeze, which comes later in the log.
 */
export function raiseTables(
  schema: string,
  fence: FenceSpec,
  tables: readonly FenceTable[],
  lockWaitMs: number,
): string {
  const name = functionName(schema, fence)
  return doBlock(
    lockWaitMs,
    `
  PERFORM pg_advisory_xact_lock_shared(${lockKey(fence)});
  IF to_regproc(${quoteText(name)}) IS NULL THEN${removed}
  END IF;${tables.map((table) => raiseTable(name, fence, table)).join('')}`,
  )
}

function raiseTable(functionName: string, fence: FenceMark, { schema, table, refuse }: FenceTable): string {
  const events = eventsOf(refuse)
  const target = qualified({ schema, table })
  // Named after what it refuses too: a table that needs more gets another one, and no trigger has to be replaced.
  const suffix = createHash('sha256').update(events).digest('hex').slice(0, 8)
  const trigger = `${markName(fence)}_${suffix}`
  const quoted = quoteIdentifier(trigger)
  return `
  SELECT INTO found tgenabled AS enabled FROM pg_trigger WHERE tgrelid = to_regclass(${quoteText(target)}) AND tgname = ${quoteLiteral(trigger)};
  IF to_regclass(${quoteText(target)}) IS NOT NULL AND found.enabled IS DISTINCT FROM 'A' THEN
    IF found.enabled IS NULL THEN
      CREATE TRIGGER ${quoted} BEFORE ${events} ON ${target} FOR EACH STATEMENT EXECUTE FUNCTION ${functionName}();
    END IF;
    ALTER TABLE ${target} ENABLE ALWAYS TRIGGER ${quoted};
  END IF;`
}

/** The events of a trigger that refuses these, as `CREATE TRIGGER` takes them. */
export function eventsOf({ insert, update, delete: remove, truncate }: RefusedEvents): string {
  const columns = typeof update === 'boolean' ? '' : ` OF ${update.map(quoteIdentifier).join(', ')}`
  return [
    ...(insert ? ['INSERT'] : []),
    ...(update === false ? [] : [`UPDATE${columns}`]),
    ...(remove ? ['DELETE'] : []),
    ...(truncate ? ['TRUNCATE'] : []),
  ].join(' OR ')
}

/** Takes a fence off some tables in one transaction; tables that are gone have none. */
export function lowerTables(mark: FenceMark, tables: readonly TableRef[], lockWaitMs: number): string {
  const targets = tables.map((table) => `to_regclass(${quoteText(qualified(table))})`).join(', ')
  return doBlock(
    lockWaitMs,
    `
  FOR found IN SELECT tgname AS name, tgrelid::regclass::text AS target FROM pg_trigger
    WHERE tgrelid IN (${targets}) AND (tgname = ${quoteLiteral(markName(mark))} OR starts_with(tgname, ${quoteLiteral(`${markName(mark)}_`)}))
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', found.name, found.target);
  END LOOP;`,
  )
}

/** Drops the function of a fence when no table calls it any more; refused with 2BP01 otherwise. */
export function dropFunctions(mark: FenceMark): string {
  return doBlock(
    1000,
    `
  PERFORM pg_advisory_xact_lock(${lockKey(mark)});
  FOR found IN SELECT p.oid::regproc::text AS target FROM pg_proc p WHERE p.proname = ${quoteLiteral(markName(mark))}
  LOOP
    EXECUTE format('DROP FUNCTION %s()', found.target);
  END LOOP;`,
  )
}

/** A block whose waits for locks are bounded, each by itself. */
export function doBlock(lockWaitMs: number, body: string): string {
  return `DO ${dollarQuote(`
DECLARE found record;
BEGIN
  PERFORM set_config('lock_timeout', '${Math.max(1, Math.ceil(lockWaitMs))}ms', true);
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM set_config('client_min_messages', 'warning', true);${body}
END`)}`
}

function lockKey(mark: FenceMark): string {
  return `hashtextextended(${quoteLiteral(markName(mark))}, 0)`
}

/** Quotes a table's name. */
export function qualified({ schema, table }: TableRef): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`
}

/** A literal that means the same whatever `standard_conforming_strings` says. */
export function quoteText(text: string): string {
  return text.includes('\\') ? `E${quoteLiteral(text.replaceAll('\\', '\\\\'))}` : quoteLiteral(text)
}

/** Quotes a body with a tag that does not occur in it. */
export function dollarQuote(body: string): string {
  let tag = '$quiesce$'
  for (let n = 0; body.includes(tag); n += 1) tag = `$quiesce${n}$`
  return `${tag}${body}${tag}`
}
