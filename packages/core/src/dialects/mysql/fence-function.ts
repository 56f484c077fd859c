import type { FenceSpec } from '../../domain/fence.ts'
import type { FenceSession } from './fence-session.ts'
import type { ServerLanguage } from './server.ts'

/**
 * The function that all triggers of one fence ask whether a write passes. It reads no table: the digest of the token is a
 * literal in it, so replacing the function changes for all tables at once who passes.
 *
 * `@quiesce_token` may hold several tokens, one for each fence. It is read as bytes: a comparison that depended on the
 * collation of the session could fail in it for good. Where binary logging is on, the server wants to be told that a
 * function changes nothing (NO SQL).
 */
export function passFunction({ tokenDigest }: Pick<FenceSpec, 'tokenDigest'>): string {
  if (tokenDigest === undefined) return 'RETURN FALSE'
  return `BEGIN
  DECLARE rest VARBINARY(4096) DEFAULT LEFT(CONVERT(@quiesce_token USING latin1), 4096);
  DECLARE one VARBINARY(4096);
  WHILE LENGTH(rest) > 0 DO
    SET one = SUBSTRING_INDEX(rest, ',', 1);
    IF UNHEX(SHA2(one, 256)) <=> UNHEX('${tokenDigest}') THEN RETURN TRUE; END IF;
    SET rest = SUBSTRING(rest, LENGTH(one) + 2);
  END WHILE;
  RETURN FALSE;
END`
}

/** What lets everything pass: the triggers stay and do nothing. */
export const inertFunction = 'RETURN TRUE'

/** True of the source of a function that lets some token pass. */
export const isPassable = `ROUTINE_DEFINITION LIKE '%SHA2%'`

/**
 * Puts a function in the place of another. Where that takes two statements nobody passes in between: see `createTrigger`.
 * It waits for transactions that have asked the function, or tried to write.
 */
export async function replaceFunction(
  one: FenceSession,
  { replacesFunctions }: ServerLanguage,
  name: string,
  body: string,
): Promise<void> {
  const source = `FUNCTION ${name}() RETURNS BOOLEAN NOT DETERMINISTIC NO SQL SQL SECURITY DEFINER ${body}`
  if (replacesFunctions) {
    await one.alter(`CREATE OR REPLACE ${source}`)
    return
  }
  await one.alter(dropFunction(name))
  await one.alter(`CREATE ${source}`)
}

/** Removes a function; harmless when it is gone. */
export function dropFunction(name: string): string {
  return `DROP FUNCTION IF EXISTS ${name}`
}
