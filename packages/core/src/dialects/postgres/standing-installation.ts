import type { TableChange } from '../../domain/standing-backend.ts'
import { shortHash, standingName } from '../fence-names.ts'
import { doBlock, dollarQuote, eventsOf, qualified, quoteText } from './fence-statements.ts'
import { quoteIdentifier, quoteLiteral } from './names.ts'
import { standingFunction } from './standing-function.ts'
import { functionName, type StandingNames, standingLocks } from './standing-names.ts'

/** The SQLSTATE of an installation that a freeze uses; of our own class. */
export const IN_USE = 'QS004'

/** Makes the table, the row and the function, and takes the fence out of use; refused while a freeze uses it. */
export function beginInstallation(names: StandingNames, lockWaitMs: number): string {
  const { tables, namespace } = names
  const version = `hashtextextended(${quoteLiteral(`quiesce migrate ${tables.version}`)}, 0)`
  return doBlock(
    lockWaitMs,
    `
  PERFORM pg_advisory_xact_lock(${version});
  PERFORM pg_advisory_xact_lock(${standingLocks(names).row});
  CREATE TABLE IF NOT EXISTS ${tables.fence} (
    namespace text COLLATE "C" PRIMARY KEY,
    installed boolean NOT NULL,
    raised jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(raised) = 'array')
  );
  INSERT INTO ${tables.fence} AS f (namespace, installed) VALUES (${quoteText(namespace)}, false)
    ON CONFLICT (namespace) DO UPDATE SET installed = false;
  IF EXISTS (SELECT FROM ${tables.fence} f, jsonb_array_elements(f.raised) e JOIN ${tables.freeze} z
      ON z.id = (e.value ->> 'freeze')::uuid AND z.ended_at IS NULL WHERE f.namespace = ${quoteText(namespace)}) THEN
    RAISE EXCEPTION 'a freeze uses the standing fence' USING ERRCODE = '${IN_USE}';
  END IF;
  CREATE OR REPLACE FUNCTION ${functionName(names)}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    AS ${dollarQuote(standingFunction(names))};`,
  )
}

/** Puts the fence into use. */
export function completeInstallation(names: StandingNames, lockWaitMs: number): string {
  const { tables, namespace } = names
  return doBlock(
    lockWaitMs,
    `
  PERFORM pg_advisory_xact_lock(${standingLocks(names).row});
  UPDATE ${tables.fence} SET installed = true WHERE namespace = ${quoteText(namespace)};`,
  )
}

/**
 * Makes and removes the triggers of some tables in one transaction; tables that are gone have none. Refused when somebody
 * else has put the fence into use meanwhile: a freeze may count on its triggers.
 */
export function changeTables(names: StandingNames, changes: readonly TableChange[], lockWaitMs: number): string {
  const { tables, namespace } = names
  const row = `${tables.fence} f WHERE f.namespace = ${quoteText(namespace)} AND NOT f.installed`
  return doBlock(
    lockWaitMs,
    `
  PERFORM FROM ${row} FOR SHARE;
  IF NOT EXISTS (SELECT FROM ${row}) THEN
    RAISE EXCEPTION 'the standing fence is in use' USING ERRCODE = '${IN_USE}';
  END IF;${changes.map((change) => changeTable(names, change)).join('')}`,
  )
}

function changeTable(names: StandingNames, change: TableChange): string {
  const target = qualified(change)
  const found = `to_regclass(${quoteText(target)})`
  const events = change.refuse === undefined ? undefined : eventsOf(change.refuse)
  const trigger = events === undefined ? '' : triggerName(names, events)
  const quoted = quoteIdentifier(trigger)
  const make = `
  IF ${found} IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = ${found} AND tgname = ${quoteLiteral(trigger)}) THEN
    CREATE TRIGGER ${quoted} BEFORE ${events} ON ${target} FOR EACH STATEMENT EXECUTE FUNCTION ${functionName(names)}();
  END IF;
  IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = ${found} AND tgname = ${quoteLiteral(trigger)} AND tgenabled <> 'A') THEN
    ALTER TABLE ${target} ENABLE ALWAYS TRIGGER ${quoted};
  END IF;`
  return `${events === undefined ? '' : make}
  FOR found IN SELECT tgname AS name, tgrelid::regclass::text AS target FROM pg_trigger
    WHERE tgrelid = ${found} AND starts_with(tgname, ${quoteLiteral(`${standingName(names)}_`)}) AND tgname <> ${quoteLiteral(trigger)}
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', found.name, found.target);
  END LOOP;`
}

/** Named after what it refuses: a table that needs other refusals gets another one before it loses this. */
function triggerName(names: StandingNames, events: string): string {
  return `${standingName(names)}_${shortHash(events)}`
}

/** Removes the function, which no trigger may call any more (2BP01 otherwise), the row, and the table of the last one. */
export function uninstall(names: StandingNames, lockWaitMs: number): string {
  const { tables, namespace } = names
  return doBlock(
    lockWaitMs,
    `
  PERFORM pg_advisory_xact_lock(${standingLocks(names).row});
  DROP FUNCTION IF EXISTS ${functionName(names)}();
  DELETE FROM ${tables.fence} WHERE namespace = ${quoteText(namespace)};
  IF NOT EXISTS (SELECT FROM ${tables.fence}) THEN
    DROP TABLE ${tables.fence};
  END IF;`,
  )
}
