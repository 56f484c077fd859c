import { quoteLiteral, type TableNames } from './names.ts'

/** The version of the coordination tables that this library reads and writes. */
export const SCHEMA_VERSION = 2

/** The SQLSTATE that the migration raises when the tables are newer than the library; of our own class. */
export const NEWER_SCHEMA = 'QS001'

/** Creates the tables of version 1. Times are `timestamptz`, keys are compared byte by byte, epochs are 64-bit. */
function versionOne(t: TableNames): string {
  return `
CREATE TABLE IF NOT EXISTS ${t.cluster} (
  namespace text COLLATE "C" PRIMARY KEY,
  epoch bigint NOT NULL CHECK (epoch > 0),
  nonce text NOT NULL,
  mode text NOT NULL CHECK (mode IN ('read-write', 'draining', 'read-only')),
  database_identity text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS ${t.freeze} (
  id uuid PRIMARY KEY,
  namespace text COLLATE "C" NOT NULL,
  nonce text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('operator', 'machine')),
  phase text NOT NULL CHECK (phase IN ('draining', 'read-only')),
  epoch bigint NOT NULL,
  database_identity text NOT NULL,
  reason text NOT NULL,
  owner text NOT NULL,
  holder uuid NOT NULL,
  exempt jsonb NOT NULL,
  on_holder_lost text NOT NULL CHECK (on_holder_lost IN ('thaw', 'stay')),
  begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  drain_until timestamptz NOT NULL,
  lease_ms integer,
  lease_until timestamptz,
  deadline_at timestamptz,
  expected_end timestamptz,
  frozen_at timestamptz,
  ended_at timestamptz,
  ended_by text,
  end_reason text,
  end_note text
);
CREATE INDEX IF NOT EXISTS ${t.activeFreezeIndex} ON ${t.freeze} (namespace) WHERE ended_at IS NULL;
CREATE TABLE IF NOT EXISTS ${t.node} (
  id uuid PRIMARY KEY,
  namespace text COLLATE "C" NOT NULL,
  host text NOT NULL,
  pid integer NOT NULL,
  application text NOT NULL,
  library_version text NOT NULL,
  protocol_version integer NOT NULL,
  policy_hash text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  heartbeat_ms integer NOT NULL,
  lease_ms integer NOT NULL,
  lease_until timestamptz NOT NULL,
  seen_epoch bigint NOT NULL DEFAULT 0,
  acked_epoch bigint NOT NULL DEFAULT 0,
  in_flight integer NOT NULL DEFAULT 0,
  unknown_writes integer NOT NULL DEFAULT 0,
  oldest text
) WITH (fillfactor = 50);
CREATE INDEX IF NOT EXISTS ${t.nodeIndex} ON ${t.node} (namespace);
CREATE TABLE IF NOT EXISTS ${t.lock} (
  namespace text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  token bigint NOT NULL CHECK (token > 0),
  holder uuid,
  nonce text,
  owner text,
  taken_over_from uuid,
  acquired_at timestamptz,
  lease_until timestamptz,
  PRIMARY KEY (namespace, name)
);
CREATE TABLE IF NOT EXISTS ${t.rowLock} (lock_name text COLLATE "C" PRIMARY KEY);
CREATE TABLE IF NOT EXISTS ${t.event} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  namespace text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  type text NOT NULL,
  epoch bigint,
  node text,
  freeze_id uuid,
  detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS ${t.eventIndex} ON ${t.event} (namespace, id);`
}

/** Adds the runs: version 2. */
function versionTwo(t: TableNames): string {
  return `
ALTER TABLE ${t.freeze} ADD COLUMN IF NOT EXISTS takeover_ms integer;
CREATE TABLE IF NOT EXISTS ${t.run} (
  id uuid PRIMARY KEY,
  namespace text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  owner text NOT NULL,
  holder uuid NOT NULL,
  nonce text NOT NULL,
  on_holder_lost text NOT NULL CHECK (on_holder_lost IN ('resume', 'rollback', 'thaw')),
  lease_ms integer NOT NULL,
  lease_until timestamptz NOT NULL,
  takeover_ms integer NOT NULL,
  takeovers integer NOT NULL DEFAULT 0,
  freeze_id uuid,
  phase text NOT NULL,
  steps jsonb NOT NULL,
  baseline text,
  thawed boolean NOT NULL DEFAULT false,
  outcome text,
  error text,
  progress integer NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  cancel_by text,
  cancel_reason text,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz
);
CREATE INDEX IF NOT EXISTS ${t.runIndex} ON ${t.run} (namespace, started_at);
CREATE TABLE IF NOT EXISTS ${t.runToken} (run_id uuid PRIMARY KEY, nonce text NOT NULL);`
}

/**
 * One statement, one transaction: takes a transaction-scoped advisory lock, so that many processes may migrate at once,
 * and applies what is missing. Advisory lock keys are 64-bit hashes of the schema's and tables' names.
 */
export function migration(t: TableNames): string {
  return `
DO $quiesce$
DECLARE present integer;
BEGIN
  PERFORM set_config('lock_timeout', '30s', true);
  PERFORM set_config('client_min_messages', 'warning', true);
  PERFORM pg_advisory_xact_lock(hashtextextended(${quoteLiteral(`quiesce migrate ${t.version}`)}, 0));
  IF to_regnamespace(${quoteLiteral(t.schema)}) IS NULL THEN
    CREATE SCHEMA ${t.schema};
  END IF;
  CREATE TABLE IF NOT EXISTS ${t.version} (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp());
  SELECT max(version) INTO present FROM ${t.version};
  IF present > ${SCHEMA_VERSION} THEN
    RAISE EXCEPTION 'coordination tables have version %, this library knows ${SCHEMA_VERSION}', present USING ERRCODE = '${NEWER_SCHEMA}';
  END IF;
  IF present IS NULL THEN
    ${versionOne(t)}
    INSERT INTO ${t.version} (version) VALUES (1);
  END IF;
  IF present IS NULL OR present < 2 THEN
    ${versionTwo(t)}
    INSERT INTO ${t.version} (version) VALUES (2) ON CONFLICT DO NOTHING;
  END IF;
END
$quiesce$`
}
