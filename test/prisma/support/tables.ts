import { quietPool } from '../../support/quiet-pool.ts'

/** The tables of `schema.prisma`, as a migration would have made them. */
const create = `
  CREATE TABLE collection (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
  CREATE TABLE report_card (
    id serial PRIMARY KEY, name text NOT NULL UNIQUE, description text,
    collection_id int REFERENCES collection (id) ON DELETE SET NULL ON UPDATE CASCADE,
    last_used_at timestamp(3), updated_at timestamp(3) NOT NULL DEFAULT now(), view_count int NOT NULL DEFAULT 0);
  CREATE TABLE tag (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
  CREATE TABLE "_CardToTag" (
    "A" int NOT NULL REFERENCES report_card (id) ON DELETE CASCADE ON UPDATE CASCADE,
    "B" int NOT NULL REFERENCES tag (id) ON DELETE CASCADE ON UPDATE CASCADE, PRIMARY KEY ("A", "B"));
  CREATE TABLE core_user (id serial PRIMARY KEY, email text NOT NULL UNIQUE);
  CREATE TABLE core_session (
    id text PRIMARY KEY, user_id int NOT NULL REFERENCES core_user (id) ON DELETE CASCADE ON UPDATE CASCADE,
    created_at timestamp(3) NOT NULL DEFAULT now());
  CREATE TABLE setting (key text PRIMARY KEY, value text NOT NULL);
  CREATE TABLE login_history (
    id serial PRIMARY KEY, user_id int NOT NULL REFERENCES core_user (id) ON DELETE CASCADE ON UPDATE CASCADE,
    "timestamp" timestamp(3) NOT NULL DEFAULT now());
  CREATE TABLE audit_log (
    id serial PRIMARY KEY, topic text NOT NULL, details jsonb, "timestamp" timestamp(3) NOT NULL DEFAULT now());
  CREATE TABLE view_log (
    id serial PRIMARY KEY, model text NOT NULL, model_id int NOT NULL, "timestamp" timestamp(3) NOT NULL DEFAULT now());
  CREATE TABLE cloud_migration (id serial PRIMARY KEY, state text NOT NULL, progress int NOT NULL DEFAULT 0);`

const tables = [
  ...['collection', 'report_card', 'tag', '_CardToTag', 'core_user', 'core_session', 'setting', 'login_history'],
  ...['audit_log', 'view_log', 'cloud_migration'],
]

const seed = `
  DROP TABLE IF EXISTS extra;
  TRUNCATE ${tables.map((table) => `"${table}"`).join(', ')} RESTART IDENTITY CASCADE;
  INSERT INTO collection (name) VALUES ('Reports'), ('Empty'), ('Parent');
  INSERT INTO report_card (name, collection_id) VALUES ('Revenue', 1), ('Costs', 1), ('Loose', NULL);
  INSERT INTO tag (name) VALUES ('red'), ('blue');
  INSERT INTO "_CardToTag" VALUES (1, 1);
  INSERT INTO core_user (email) VALUES ('ada@example.com');
  INSERT INTO core_session (id, user_id) VALUES ('s1', 1);
  INSERT INTO setting VALUES ('site-name', 'Reports');
  INSERT INTO audit_log (topic) VALUES ('start');`

/** The database of the tests, seen through a connection that no guard knows. */
export interface TestTables {
  /** Puts the rows back to where every test starts. */
  reset(): Promise<void>
  /** Every row of every table, and which tables there are, as text. */
  dump(): Promise<string>
  /** Sessions of others that sit in a transaction without a statement. */
  idleInTransaction(): Promise<number>
  query(sql: string): Promise<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

/** Creates the tables in an empty database. */
export async function createTables(url: string): Promise<TestTables> {
  const pool = quietPool({ connectionString: url, max: 2 })
  const query = async (sql: string): Promise<readonly Record<string, unknown>[]> => (await pool.query(sql)).rows
  await query(create)
  const rowsOf = (table: string): string =>
    `(SELECT coalesce(json_agg(t ORDER BY t::text), '[]') FROM "${table}" t) AS "${table}"`
  const dump = `SELECT (SELECT json_agg(relname ORDER BY relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace) AS names,
    ${tables.map(rowsOf).join(', ')}`
  return {
    query,
    async reset() {
      await query(`SET lock_timeout = '3s'; ${seed}`)
    },
    async dump() {
      return JSON.stringify(await query(dump))
    },
    async idleInTransaction() {
      const [row] = await query(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
      )
      return Number(row?.['n'])
    },
    close: () => pool.end(),
  }
}
