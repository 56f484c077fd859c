import Database from 'better-sqlite3'
import type { TestTables } from '../support/tables.ts'

/** The tables of `schema.prisma`, as a migration would have made them. */
const create = `
  CREATE TABLE collection (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
  CREATE TABLE report_card (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, description TEXT,
    collection_id INTEGER REFERENCES collection (id) ON DELETE SET NULL ON UPDATE CASCADE,
    last_used_at DATETIME, updated_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, view_count INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE tag (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
  CREATE TABLE "_CardToTag" (
    "A" INTEGER NOT NULL REFERENCES report_card (id) ON DELETE CASCADE ON UPDATE CASCADE,
    "B" INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE UNIQUE INDEX "_CardToTag_AB_unique" ON "_CardToTag" ("A", "B");
  CREATE TABLE core_user (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE);
  CREATE TABLE core_session (
    id TEXT PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL REFERENCES core_user (id) ON DELETE CASCADE ON UPDATE CASCADE,
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP);
  CREATE TABLE setting (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
  CREATE TABLE login_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES core_user (id) ON DELETE CASCADE ON UPDATE CASCADE,
    "timestamp" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP);
  CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, details JSONB,
    "timestamp" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP);
  CREATE TABLE view_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, model_id INTEGER NOT NULL,
    "timestamp" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP);
  CREATE TABLE cloud_migration (
    id INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL, progress INTEGER NOT NULL DEFAULT 0);`

/** Children before parents, so that each can be emptied. */
const tables = [
  ...['_CardToTag', 'report_card', 'collection', 'tag', 'core_session', 'login_history', 'core_user', 'setting'],
  ...['audit_log', 'view_log', 'cloud_migration'],
]

const seed = `
  DROP TABLE IF EXISTS extra;
  ${tables.map((table) => `DELETE FROM "${table}";`).join('\n')}
  DELETE FROM sqlite_sequence;
  INSERT INTO collection (name) VALUES ('Reports'), ('Empty'), ('Parent');
  INSERT INTO report_card (name, collection_id) VALUES ('Revenue', 1), ('Costs', 1), ('Loose', NULL);
  INSERT INTO tag (name) VALUES ('red'), ('blue');
  INSERT INTO "_CardToTag" VALUES (1, 1);
  INSERT INTO core_user (email) VALUES ('ada@example.com');
  INSERT INTO core_session (id, user_id) VALUES ('s1', 1);
  INSERT INTO setting VALUES ('site-name', 'Reports');
  INSERT INTO audit_log (topic) VALUES ('start');`

/** Creates the tables in an empty file; seen through a connection that no guard knows. */
export function createSqliteTables(file: string): TestTables {
  const database = new Database(file, { timeout: 500 })
  database.exec(create)
  const query = async (sql: string): Promise<readonly Record<string, unknown>[]> =>
    database.prepare(sql).all() as Record<string, unknown>[]
  return {
    query,
    async reset() {
      database.exec(`BEGIN IMMEDIATE; ${seed} COMMIT`)
    },
    async dump() {
      const names = await query(`SELECT name, sql FROM sqlite_master ORDER BY name`)
      const rows = await Promise.all(tables.map((table) => query(`SELECT rowid, * FROM "${table}" ORDER BY rowid`)))
      return JSON.stringify({ names, rows })
    },
    async idleInTransaction() {
      return isInUse(database) ? 1 : 0
    },
    async close() {
      database.close()
    },
  }
}

/** A transaction of anybody who has read or written, keeps others from the whole file (in its rollback journal mode). */
function isInUse(database: Database.Database): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE; ROLLBACK')
    return false
  } catch {
    return true
  }
}
