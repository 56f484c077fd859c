import type { DatabaseName } from '@quiesce/test-servers'

/** What the proof needs in one database's own SQL, besides the `entry` table. */
export interface ProofTables {
  readonly create: readonly string[]
  /** Changes with the protected columns of `card`, not with the exempt one. */
  readonly protectedContent: string
  /** Reads what a flag would be read from, so that a later look in this transaction sees the old one. */
  readonly snapshot: string
  /** The statements with which a holder writes one row into `job`, in a transaction that shows its token. */
  readonly holderWrite: (token: string) => readonly (readonly [sql: string, parameters?: readonly unknown[]])[]
  /** How many rows the holders wrote, as `n`. */
  readonly holderContent: string
  /** A lock wait of this database is bounded by so much at least. */
  readonly drainTimeoutMs: number
  /** The defect that the proof must see: a trigger that merely reads whether a freeze is active. */
  readonly flagTrigger: readonly string[]
}

const postgres: ProofTables = {
  create: [
    'CREATE TABLE card (id int PRIMARY KEY, name text, seen int NOT NULL DEFAULT 0)',
    `INSERT INTO card (id, name) VALUES (1, 'one')`,
    'CREATE TABLE job (n int)',
  ],
  protectedContent: 'SELECT id, name FROM card',
  snapshot: 'SELECT count(*) FROM quiesce.quiesce_freeze',
  holderWrite: (token) => [
    ['BEGIN'],
    [`SELECT set_config('quiesce.token', ?, true)`, [token]],
    ['INSERT INTO job VALUES (1)'],
    ['COMMIT'],
  ],
  holderContent: 'SELECT count(*)::int AS n FROM job',
  drainTimeoutMs: 500,
  flagTrigger: [
    `CREATE FUNCTION ask_flag() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF EXISTS (SELECT FROM quiesce.quiesce_freeze WHERE ended_at IS NULL) THEN
        RAISE EXCEPTION 'read-only' USING ERRCODE = '25006'; END IF; RETURN NULL; END $$`,
    'CREATE TRIGGER ask_flag BEFORE INSERT OR UPDATE OR DELETE ON entry FOR EACH STATEMENT EXECUTE FUNCTION ask_flag()',
  ],
}

const mysql: ProofTables = {
  create: [
    'CREATE TABLE card (id int PRIMARY KEY, name text, seen int NOT NULL DEFAULT 0)',
    `INSERT INTO card (id, name) VALUES (1, 'one')`,
    'CREATE TABLE job (n int)',
  ],
  protectedContent: 'SELECT id, name FROM card',
  snapshot: 'SELECT count(*) FROM quiesce_freeze',
  holderWrite: (token) => [
    ['START TRANSACTION'],
    ['SET @quiesce_token = ?', [token]],
    ['INSERT INTO job VALUES (1)'],
    ['COMMIT'],
    ['SET @quiesce_token = NULL'],
  ],
  holderContent: 'SELECT count(*) AS n FROM job',
  drainTimeoutMs: 1000,
  flagTrigger: [
    `CREATE TRIGGER ask_flag BEFORE INSERT ON entry FOR EACH ROW
      IF EXISTS (SELECT 1 FROM quiesce_freeze WHERE ended_at IS NULL) THEN
        SIGNAL SQLSTATE '25006' SET MESSAGE_TEXT = 'read-only'; END IF`,
  ],
}

/** Only databases whose fence is proven here. */
export const proofTables: Partial<Record<DatabaseName, ProofTables>> = { postgres, mysql, mariadb: mysql }
