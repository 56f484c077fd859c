import { NO_FREEZE, refusalMessage } from '../../domain/fence-refusal.ts'
import { shortHash } from '../fence-names.ts'
import { isOurTrigger } from './fence-standing.ts'
import { qualified, REFUSAL } from './fence-triggers.ts'
import type { StandingNames } from './standing-names.ts'

/** A function of a standing fence; its name tells what is in it, so that whoever finds the name has found this one. */
export interface StandingFunction {
  readonly name: string
  /** The name, quoted and qualified. */
  readonly called: string
  readonly create: string
}

/** Said where the fence cannot tell whether the cluster is frozen; as long as a message may be there. */
export const MISSING: string = refusalMessage({
  freezeId: NO_FREEZE,
  reason: 'a part of its standing fence is missing',
})

/**
 * True when a write passes without more ado: the row is there, and the cluster is not frozen. It is read under a shared
 * lock that lasts until the writing transaction ends, in its newest version, whatever the transaction's snapshot is.
 */
export function isOpen({ table, row }: StandingNames): string {
  return `(SELECT f.frozen FROM ${table} f WHERE f.id = ${row} LOCK IN SHARE MODE) <=> 0`
}

/**
 * Judges a write that did not pass so: true when each entry is the one of a freeze that has ended (see `Releases`), or
 * has a token shown. What is not an entry refuses.
 *
 * Everything is compared as bytes: a comparison that depended on the collation of the session could fail in it for good.
 */
export function judge(names: StandingNames): StandingFunction {
  const { table, row } = names
  const of = (key: string): string => `JSON_UNQUOTE(JSON_EXTRACT(entries, CONCAT('$[', n, '].${key}')))`
  return standingFunction(
    names,
    'judge',
    `BOOLEAN NOT DETERMINISTIC READS SQL DATA SQL SECURITY DEFINER BEGIN
  DECLARE entries LONGTEXT CHARACTER SET utf8mb4;
  DECLARE digest, rest, one VARBINARY(4096);
  DECLARE message, ended VARCHAR(128) CHARACTER SET utf8mb4;
  DECLARE n INT DEFAULT 0;
  DECLARE passes BOOLEAN;
  SELECT f.raised INTO entries FROM ${table} f WHERE f.id = ${row} LOCK IN SHARE MODE;
  IF entries IS NULL OR NOT (JSON_LENGTH(entries) > 0 <=> TRUE) THEN RETURN FALSE; END IF;
  WHILE n < JSON_LENGTH(entries) DO
    SET digest = ${of('digest')}, message = ${of('message')}, ended = ${of('release')};
    IF message IS NULL OR ended IS NULL THEN RETURN FALSE; END IF;
    SET passes = IS_USED_LOCK(ended) IS NOT NULL;
    SET rest = LEFT(CONVERT(@quiesce_token USING latin1), 4096);
    WHILE LENGTH(rest) > 0 DO
      SET one = SUBSTRING_INDEX(rest, ',', 1);
      IF CAST(SHA2(one, 256) AS BINARY) <=> digest THEN SET passes = TRUE; END IF;
      SET rest = SUBSTRING(rest, LENGTH(one) + 2);
    END WHILE;
    IF NOT (passes <=> TRUE) THEN SIGNAL ${REFUSAL} SET MYSQL_ERRNO = 1792, MESSAGE_TEXT = message; END IF;
    SET n = n + 1;
  END WHILE;
  RETURN TRUE;
END`,
  )
}

/**
 * Tells whoever may execute it which triggers there are on the tables of the fence, with the rights of who installed it:
 * the catalog shows triggers only to those who may make them.
 */
export function look(names: StandingNames): StandingFunction {
  return standingFunction(
    names,
    'look',
    `LONGTEXT CHARACTER SET utf8mb4 NOT DETERMINISTIC READS SQL DATA SQL SECURITY DEFINER
  RETURN (SELECT JSON_ARRAYAGG(JSON_ARRAY(${TRIGGER_COLUMNS})) ${fromTriggers(names)})`,
  )
}

const TRIGGER_COLUMNS =
  'EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME, CONCAT(ACTION_TIMING, EVENT_MANIPULATION), ACTION_ORDER'

/** The same list, for those who may see it in the catalog, as one column `found`. */
export function selectStandingTriggers(names: StandingNames): string {
  return `SELECT JSON_ARRAYAGG(JSON_ARRAY(${TRIGGER_COLUMNS})) AS found ${fromTriggers(names)}`
}

function fromTriggers(names: StandingNames): string {
  const ours = `LEFT(TRIGGER_NAME, ${STANDING.length}) = '${STANDING}' AND ${isOurTrigger(names.schema)}`
  return `FROM information_schema.TRIGGERS WHERE (EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE) IN
    (SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE ${ours})`
}

const STANDING = 'quiesce_standing_'

function standingFunction({ schema, name }: StandingNames, what: string, source: string): StandingFunction {
  const full = `${name}_${what}_${shortHash(source)}`
  const called = qualified(schema, full)
  return { name: full, called, create: `CREATE FUNCTION ${called}() RETURNS ${source}` }
}
