import type { DatabaseName } from '@quiesce/test-servers'
import type { RawConnection } from './raw-connection.ts'

/** What the tests say in each database's own SQL. */
export interface Flavour {
  readonly kind: DatabaseName
  /** A coordination table, qualified. */
  readonly table: (name: string) => string
  readonly createEntry: string
  /** A row that is inserted when it is not there yet. */
  readonly insertOnce: (id: string) => string
  /** One row for each session of this database that waits for a lock. */
  readonly waiting: string
  /** One row for each session that waits for the turnstile of the registration. */
  readonly waitingAtTurnstile: string
  /** Lets no node of the application `late` register while somebody holds the turnstile. */
  readonly turnstile: readonly string[]
  readonly removeTurnstile: readonly string[]
  readonly closeTurnstile: string
  readonly openTurnstile: string
  /** Seconds from now until a column's time. */
  readonly secondsUntil: (column: string) => string
  /** Something that changes whenever a row of `entry` was committed. */
  readonly content: string
  readonly begin: (isolation: string) => readonly string[]
  /** Moves every lock to another holder, behind its holder's back. */
  readonly stealLocks: string
  /** Gives up waiting for a lock soon, in the transaction that is open. */
  readonly shortLockWait: string
  /** Ends the sessions that have a transaction open. */
  killTransactions(query: RawConnection['query']): Promise<void>
}

const mysql = (kind: DatabaseName): Flavour => ({
  kind,
  table: (name) => `quiesce_${name}`,
  createEntry: 'CREATE TABLE entry (id char(36) PRIMARY KEY, at datetime(6) NOT NULL DEFAULT (utc_timestamp(6)))',
  insertOnce: (id) => `INSERT IGNORE INTO entry (id) VALUES ('${id}')`,
  // InnoDB's own list of lock waits is refreshed only when nobody has read it for 100 ms.
  waiting: `SELECT 1 FROM information_schema.processlist WHERE info LIKE 'UPDATE entry%' AND db = database()`,
  waitingAtTurnstile: `SELECT 1 FROM information_schema.processlist WHERE state = 'User lock' AND db = database()`,
  turnstile: [
    `CREATE TRIGGER hold_join BEFORE INSERT ON quiesce_node FOR EACH ROW
      SET @turnstile = IF(NEW.application = 'late', GET_LOCK(CONCAT('turnstile ', database()), 20), 1)`,
  ],
  removeTurnstile: ['DROP TRIGGER hold_join'],
  closeTurnstile: `SELECT GET_LOCK(CONCAT('turnstile ', database()), 1)`,
  openTurnstile: `SELECT RELEASE_LOCK(CONCAT('turnstile ', database()))`,
  secondsUntil: (column) => `timestampdiff(microsecond, utc_timestamp(6), ${column}) / 1e6`,
  content: `SELECT concat(count(*), '/', coalesce(bit_xor(crc32(id)), 0)) AS content FROM entry`,
  begin: (isolation) => [`SET TRANSACTION ISOLATION LEVEL ${isolation}`, 'START TRANSACTION'],
  stealLocks: `UPDATE quiesce_lock SET nonce = 'another', token = token + 1`,
  shortLockWait: 'SET SESSION innodb_lock_wait_timeout = 1',
  async killTransactions(query) {
    const rows = await query(
      'SELECT trx_mysql_thread_id AS id FROM information_schema.innodb_trx JOIN information_schema.processlist p ON p.id = trx_mysql_thread_id WHERE p.db = database()',
    )
    for (const { id } of rows) await query(`KILL ${id}`)
  },
})

const postgres: Flavour = {
  kind: 'postgres',
  table: (name) => `quiesce.quiesce_${name}`,
  createEntry: 'CREATE TABLE entry (id uuid PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp())',
  insertOnce: (id) => `INSERT INTO entry (id) VALUES ('${id}') ON CONFLICT DO NOTHING`,
  waiting: `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
  waitingAtTurnstile: `SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()`,
  turnstile: [
    `CREATE FUNCTION hold_join() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.application = 'late' THEN PERFORM pg_advisory_xact_lock(42); END IF; RETURN NEW; END $$`,
    'CREATE TRIGGER hold_join BEFORE INSERT ON quiesce.quiesce_node FOR EACH ROW EXECUTE FUNCTION hold_join()',
  ],
  removeTurnstile: ['DROP TRIGGER hold_join ON quiesce.quiesce_node', 'DROP FUNCTION hold_join()'],
  closeTurnstile: 'SELECT pg_advisory_lock(42)',
  openTurnstile: 'SELECT pg_advisory_unlock(42)',
  secondsUntil: (column) => `extract(epoch FROM ${column} - clock_timestamp())::float8`,
  content: `SELECT count(*) || '/' || coalesce(max(xmin::text::bigint), 0) AS content FROM entry`,
  begin: (isolation) => [`BEGIN ISOLATION LEVEL ${isolation}`],
  stealLocks: `UPDATE quiesce.quiesce_lock SET nonce = 'another', token = token + 1`,
  shortLockWait: `SET LOCAL lock_timeout = '100ms'`,
  async killTransactions(query) {
    await query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()`,
    )
  },
}

/** The SQL of one kind of database. */
export function flavourOf(kind: DatabaseName): Flavour {
  return kind === 'postgres' ? postgres : mysql(kind)
}
