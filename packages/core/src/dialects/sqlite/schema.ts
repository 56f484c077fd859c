import type { TableNames } from './names.ts'

/** The version of the coordination tables that this library reads and writes. */
export const SCHEMA_VERSION = 2

/**
 * Creates the tables of version 1. Moments are milliseconds since 1970, keys are compared byte by byte (BINARY, the
 * default), epochs and tokens are 64-bit integers that are read as text.
 */
export function versionOne(t: TableNames): readonly string[] {
  return [
    `CREATE TABLE ${t.cluster} (
  namespace TEXT PRIMARY KEY NOT NULL,
  epoch INTEGER NOT NULL CHECK (epoch > 0),
  nonce TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('read-write', 'draining', 'read-only')),
  database_identity TEXT NOT NULL,
  changed_at INTEGER NOT NULL
)`,
    `CREATE TABLE ${t.freeze} (
  id TEXT PRIMARY KEY NOT NULL,
  namespace TEXT NOT NULL,
  nonce TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('operator', 'machine')),
  phase TEXT NOT NULL CHECK (phase IN ('draining', 'read-only')),
  epoch INTEGER NOT NULL,
  database_identity TEXT NOT NULL,
  reason TEXT NOT NULL,
  owner TEXT NOT NULL,
  holder TEXT NOT NULL,
  exempt TEXT NOT NULL,
  on_holder_lost TEXT NOT NULL CHECK (on_holder_lost IN ('thaw', 'stay')),
  begun_at INTEGER NOT NULL,
  drain_until INTEGER NOT NULL,
  lease_ms INTEGER,
  lease_until INTEGER,
  deadline_at INTEGER,
  expected_end INTEGER,
  frozen_at INTEGER,
  ended_at INTEGER,
  ended_by TEXT,
  end_reason TEXT,
  end_note TEXT
)`,
    `CREATE INDEX ${t.activeFreezeIndex} ON ${t.freeze} (namespace) WHERE ended_at IS NULL`,
    `CREATE TABLE ${t.node} (
  id TEXT PRIMARY KEY NOT NULL,
  namespace TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  pid_space TEXT NOT NULL,
  process_started_at INTEGER NOT NULL,
  application TEXT NOT NULL,
  library_version TEXT NOT NULL,
  protocol_version INTEGER NOT NULL,
  policy_hash TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  heartbeat_at INTEGER NOT NULL,
  heartbeat_ms INTEGER NOT NULL,
  lease_ms INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  seen_epoch INTEGER NOT NULL DEFAULT 0,
  acked_epoch INTEGER NOT NULL DEFAULT 0,
  in_flight INTEGER NOT NULL DEFAULT 0,
  unknown_writes INTEGER NOT NULL DEFAULT 0,
  oldest TEXT
)`,
    `CREATE TABLE ${t.lock} (
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  token INTEGER NOT NULL CHECK (token > 0),
  holder TEXT,
  nonce TEXT,
  owner TEXT,
  taken_over_from TEXT,
  acquired_at INTEGER,
  lease_until INTEGER,
  PRIMARY KEY (namespace, name)
) WITHOUT ROWID`,
    `CREATE TABLE ${t.rowLock} (
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  nonce TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  pid_space TEXT NOT NULL,
  process_started_at INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  PRIMARY KEY (namespace, name)
) WITHOUT ROWID`,
    `CREATE TABLE ${t.event} (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  namespace TEXT NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  epoch INTEGER,
  node TEXT,
  freeze_id TEXT,
  detail TEXT NOT NULL DEFAULT '{}'
)`,
    `CREATE INDEX ${t.eventIndex} ON ${t.event} (namespace, id)`,
  ]
}

/** Adds the runs: version 2. */
export function versionTwo(t: TableNames): readonly string[] {
  return [
    `ALTER TABLE ${t.freeze} ADD COLUMN takeover_ms INTEGER`,
    `CREATE TABLE ${t.run} (
  id TEXT PRIMARY KEY NOT NULL,
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  reason TEXT NOT NULL,
  owner TEXT NOT NULL,
  holder TEXT NOT NULL,
  nonce TEXT NOT NULL,
  on_holder_lost TEXT NOT NULL CHECK (on_holder_lost IN ('resume', 'rollback', 'thaw')),
  lease_ms INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  takeover_ms INTEGER NOT NULL,
  takeovers INTEGER NOT NULL DEFAULT 0,
  freeze_id TEXT,
  phase TEXT NOT NULL,
  steps TEXT NOT NULL,
  baseline TEXT,
  thawed INTEGER NOT NULL DEFAULT 0,
  outcome TEXT,
  error TEXT,
  progress INTEGER NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  cancel_by TEXT,
  cancel_reason TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER
)`,
    `CREATE INDEX ${t.runIndex} ON ${t.run} (namespace, started_at)`,
  ]
}

/** One row a version that was applied; the first one's identity tells this file from every other. */
export function createVersionTable(t: TableNames): string {
  return `CREATE TABLE IF NOT EXISTS ${t.version} (version INTEGER PRIMARY KEY NOT NULL, identity TEXT NOT NULL, applied_at INTEGER NOT NULL)`
}
