import type { DatabaseName } from '@quiesce/test-servers'

/** Statements with their parameters, which stand as `?`. */
export type Statements = readonly (readonly [sql: string, parameters?: readonly unknown[]])[]

/** What the proof needs in one database's own SQL, besides the `entry` table. */
export interface ProofTables {
  readonly create: readonly string[]
  /** Protected tables without an exempt column, for the log: who commits to them in a freeze is late. */
  readonly protectedTables: readonly string[]
  /** Changes with the protected columns of `card`, not with the exempt one. */
  readonly protectedContent: string
  /** Takes the snapshot; where no lock comes of it by reading what a flag would be read from. */
  readonly snapshot: (isolation: string) => string
  /** Begins a transaction that shows a token, and ends one. */
  readonly beginAsHolder: (token: string) => Statements
  readonly endAsHolder: Statements
  /** How many rows the holders wrote, as `n`. */
  readonly holderContent: string
  /** Brings a transaction that has done this to the first phase of two, and to the second. */
  readonly twoPhases: {
    readonly begin: (id: string) => string
    readonly prepare: (id: string) => readonly string[]
    readonly commit: (id: string) => string
    readonly rollback: (id: string) => string
  }
  /** The lease of the freeze with this id is over. */
  readonly loseHolder: (id: string) => string
  /** How long the freeze waits for transactions before it ends them. A lock wait of this database is bounded by so much at least. */
  readonly drainTimeoutMs: number
  /** The defect that the proof must see: a trigger that merely reads whether a freeze is active. */
  readonly flagTrigger: readonly string[]
  readonly dropFlagTrigger: readonly string[]
}

const create = [
  'CREATE TABLE card (id int PRIMARY KEY, name text, seen int NOT NULL DEFAULT 0)',
  `INSERT INTO card (id, name) VALUES (1, 'one')`,
  'CREATE TABLE job (n int)',
  'CREATE TABLE note (n int)',
]

const postgres: ProofTables = {
  create,
  protectedTables: ['entry'],
  protectedContent: 'SELECT id, name FROM card',
  snapshot: () => 'SELECT count(*) FROM quiesce.quiesce_freeze',
  beginAsHolder: (token) => [['BEGIN'], [`SELECT set_config('quiesce.token', ?, true)`, [token]]],
  endAsHolder: [['COMMIT']],
  holderContent: 'SELECT count(*)::int AS n FROM job',
  twoPhases: {
    begin: () => 'BEGIN',
    prepare: (id) => [`PREPARE TRANSACTION '${id}'`],
    commit: (id) => `COMMIT PREPARED '${id}'`,
    rollback: (id) => `ROLLBACK PREPARED '${id}'`,
  },
  loseHolder: (id) =>
    `UPDATE quiesce.quiesce_freeze SET lease_until = clock_timestamp() - interval '1 min', lease_ms = 1 WHERE id = '${id}'`,
  drainTimeoutMs: 300,
  flagTrigger: [
    `CREATE FUNCTION ask_flag() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF EXISTS (SELECT FROM quiesce.quiesce_freeze WHERE ended_at IS NULL) THEN
        RAISE EXCEPTION 'read-only' USING ERRCODE = '25006'; END IF; RETURN NULL; END $$`,
    'CREATE TRIGGER ask_flag BEFORE INSERT OR UPDATE OR DELETE ON entry FOR EACH STATEMENT EXECUTE FUNCTION ask_flag()',
  ],
  dropFlagTrigger: ['DROP FUNCTION ask_flag() CASCADE'],
}

const mysql: ProofTables = {
  create,
  protectedTables: ['entry'],
  protectedContent: 'SELECT id, name FROM card',
  // A read in SERIALIZABLE locks there, and would keep the freeze from being written.
  snapshot: (isolation) => `SELECT count(*) FROM ${isolation === 'SERIALIZABLE' ? 'note' : 'quiesce_freeze'}`,
  beginAsHolder: (token) => [['START TRANSACTION'], ['SET @quiesce_token = ?', [token]]],
  endAsHolder: [['COMMIT'], ['SET @quiesce_token = NULL']],
  holderContent: 'SELECT count(*) AS n FROM job',
  twoPhases: {
    begin: (id) => `XA START '${id}'`,
    prepare: (id) => [`XA END '${id}'`, `XA PREPARE '${id}'`],
    commit: (id) => `XA COMMIT '${id}'`,
    rollback: (id) => `XA ROLLBACK '${id}'`,
  },
  loseHolder: (id) =>
    `UPDATE quiesce_freeze SET lease_until = utc_timestamp(6) - interval 1 minute, lease_ms = 1 WHERE id = '${id}'`,
  drainTimeoutMs: 800,
  flagTrigger: [
    `CREATE TRIGGER ask_flag BEFORE INSERT ON entry FOR EACH ROW
      IF EXISTS (SELECT 1 FROM quiesce_freeze WHERE ended_at IS NULL) THEN
        SIGNAL SQLSTATE '25006' SET MESSAGE_TEXT = 'read-only'; END IF`,
  ],
  dropFlagTrigger: ['DROP TRIGGER ask_flag'],
}

/** Only databases whose fence is proven here. */
export const proofTables: Partial<Record<DatabaseName, ProofTables>> = { postgres, mysql, mariadb: mysql }
