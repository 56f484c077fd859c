import mysql from 'mysql2/promise'
import type { TestTables } from '../support/tables.ts'

/** The tables of `schema.prisma`, as a migration would have made them. */
const create = `
  CREATE TABLE collection (id int AUTO_INCREMENT PRIMARY KEY, name varchar(191) NOT NULL UNIQUE);
  CREATE TABLE report_card (
    id int AUTO_INCREMENT PRIMARY KEY, name varchar(191) NOT NULL UNIQUE, description varchar(191), collection_id int,
    last_used_at datetime(3), updated_at datetime(3) NOT NULL DEFAULT now(3), view_count int NOT NULL DEFAULT 0,
    FOREIGN KEY (collection_id) REFERENCES collection (id) ON DELETE SET NULL ON UPDATE CASCADE);
  CREATE TABLE tag (id int AUTO_INCREMENT PRIMARY KEY, name varchar(191) NOT NULL UNIQUE);
  CREATE TABLE \`_CardToTag\` (
    A int NOT NULL, B int NOT NULL, UNIQUE KEY (A, B),
    FOREIGN KEY (A) REFERENCES report_card (id) ON DELETE CASCADE ON UPDATE CASCADE,
    FOREIGN KEY (B) REFERENCES tag (id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE TABLE core_user (id int AUTO_INCREMENT PRIMARY KEY, email varchar(191) NOT NULL UNIQUE);
  CREATE TABLE core_session (
    id varchar(191) PRIMARY KEY, user_id int NOT NULL, created_at datetime(3) NOT NULL DEFAULT now(3),
    FOREIGN KEY (user_id) REFERENCES core_user (id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE TABLE setting (\`key\` varchar(191) PRIMARY KEY, value varchar(191) NOT NULL);
  CREATE TABLE login_history (
    id int AUTO_INCREMENT PRIMARY KEY, user_id int NOT NULL, timestamp datetime(3) NOT NULL DEFAULT now(3),
    FOREIGN KEY (user_id) REFERENCES core_user (id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE TABLE audit_log (
    id int AUTO_INCREMENT PRIMARY KEY, topic varchar(191) NOT NULL, details json,
    timestamp datetime(3) NOT NULL DEFAULT now(3));
  CREATE TABLE view_log (
    id int AUTO_INCREMENT PRIMARY KEY, model varchar(191) NOT NULL, model_id int NOT NULL,
    timestamp datetime(3) NOT NULL DEFAULT now(3));
  CREATE TABLE cloud_migration (
    id int AUTO_INCREMENT PRIMARY KEY, state varchar(191) NOT NULL, progress int NOT NULL DEFAULT 0)`

/** Children before parents, so that each can be emptied. */
const tables = [
  ...['_CardToTag', 'report_card', 'collection', 'tag', 'core_session', 'login_history', 'core_user', 'setting'],
  ...['audit_log', 'view_log', 'cloud_migration'],
]

/** Deletes and does not truncate, which would be DDL: a commit and a rebuilt table for each. */
const seed = `
  DROP TABLE IF EXISTS extra;
  START TRANSACTION;
  ${tables.map((table) => `DELETE FROM \`${table}\`;`).join('\n')}
  INSERT INTO collection (id, name) VALUES (1, 'Reports'), (2, 'Empty'), (3, 'Parent');
  INSERT INTO report_card (id, name, collection_id) VALUES (1, 'Revenue', 1), (2, 'Costs', 1), (3, 'Loose', NULL);
  INSERT INTO tag (id, name) VALUES (1, 'red'), (2, 'blue');
  INSERT INTO \`_CardToTag\` VALUES (1, 1);
  INSERT INTO core_user (id, email) VALUES (1, 'ada@example.com');
  INSERT INTO core_session (id, user_id) VALUES ('s1', 1);
  INSERT INTO setting VALUES ('site-name', 'Reports');
  INSERT INTO audit_log (topic) VALUES ('start');
  COMMIT`

/**
 * DDL commits whatever is open and survives every ROLLBACK, so the dump has what a catalogue knows of the tables as well:
 * a refusal that came after an implicit commit would show there, or as rows.
 */
const dump = `
  SELECT table_name, column_name, column_type FROM information_schema.columns WHERE table_schema = database()
    ORDER BY table_name, ordinal_position;
  ${tables.map((table) => `SELECT * FROM \`${table}\` ORDER BY 1, 2`).join(';\n')}`

/** Creates the tables in an empty database; seen through connections that no guard knows. */
export async function createMysqlTables(url: string): Promise<TestTables> {
  const pool = mysql.createPool({
    uri: url,
    connectionLimit: 2,
    multipleStatements: true,
    dateStrings: true,
    supportBigNumbers: true,
  })
  const query = async (sql: string): Promise<readonly Record<string, unknown>[]> =>
    (await pool.query<mysql.RowDataPacket[]>(sql))[0]
  await query(create)
  return {
    query,
    async reset() {
      await query(`SET SESSION lock_wait_timeout = 3, innodb_lock_wait_timeout = 3; ${seed}`)
    },
    async dump() {
      return JSON.stringify(await query(dump))
    },
    async idleInTransaction() {
      const [status] = await query('SHOW ENGINE INNODB STATUS')
      const sessions = await query(
        'SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()',
      )
      const open = openTransactions(String(status?.['Status']))
      return sessions.filter(({ id }) => open.has(Number(id))).length
    },
    close: () => pool.end(),
  }
}

/**
 * The sessions with a transaction, out of the report of InnoDB: `information_schema.innodb_trx` shows what it showed last
 * time to whoever asks again within a tenth of a second.
 */
function openTransactions(report: string): ReadonlySet<number> {
  const open = report.split('---TRANSACTION ').filter((part) => /^\d+, ACTIVE/.test(part))
  return new Set(open.map((part) => Number(/MySQL thread id (?<id>\d+)/.exec(part)?.groups?.['id'])))
}
