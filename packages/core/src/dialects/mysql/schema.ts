import type { TableNames } from './names.ts'
import type { ServerLanguage } from './server.ts'

/** The version of the coordination tables that this library reads and writes. */
export const SCHEMA_VERSION = 2

const OPTIONS = 'ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'

/** Holds the versions that were applied. */
export function createVersionTable(t: TableNames): string {
  return `CREATE TABLE IF NOT EXISTS ${t.version} (version INT NOT NULL PRIMARY KEY, applied_at DATETIME(6) NOT NULL) ${OPTIONS}`
}

/**
 * The tables of version 1. Times are zone-free UTC; text is compared byte by byte, and where users name things, trailing
 * blanks count too, which `utf8mb4_bin` passes over. JSON is text that only we read.
 */
export function versionOne(t: TableNames, { exactCollation }: ServerLanguage): readonly string[] {
  const exact = (length: number): string => `VARCHAR(${length}) COLLATE ${exactCollation} NOT NULL`
  return [
    `CREATE TABLE IF NOT EXISTS ${t.cluster} (
  namespace ${exact(200)} PRIMARY KEY,
  epoch BIGINT NOT NULL CHECK (epoch > 0),
  nonce VARCHAR(64) NOT NULL,
  mode VARCHAR(16) NOT NULL CHECK (mode IN ('read-write', 'draining', 'read-only')),
  database_identity VARCHAR(500) NOT NULL,
  changed_at DATETIME(6) NOT NULL
) ${OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS ${t.freeze} (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  namespace ${exact(200)},
  nonce VARCHAR(64) NOT NULL,
  kind VARCHAR(16) NOT NULL CHECK (kind IN ('operator', 'machine')),
  phase VARCHAR(16) NOT NULL CHECK (phase IN ('draining', 'read-only')),
  epoch BIGINT NOT NULL,
  database_identity VARCHAR(500) NOT NULL,
  reason TEXT NOT NULL,
  owner TEXT NOT NULL,
  holder VARCHAR(36) NOT NULL,
  exempt LONGTEXT NOT NULL,
  on_holder_lost VARCHAR(16) NOT NULL CHECK (on_holder_lost IN ('thaw', 'stay')),
  begun_at DATETIME(6) NOT NULL,
  drain_until DATETIME(6) NOT NULL,
  lease_ms INT,
  lease_until DATETIME(6),
  deadline_at DATETIME(6),
  expected_end DATETIME(6),
  frozen_at DATETIME(6),
  ended_at DATETIME(6),
  ended_by TEXT,
  end_reason VARCHAR(64),
  end_note TEXT,
  KEY active (namespace, ended_at)
) ${OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS ${t.node} (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  namespace ${exact(200)},
  host VARCHAR(255) NOT NULL,
  pid INT NOT NULL,
  application VARCHAR(255) NOT NULL,
  library_version VARCHAR(64) NOT NULL,
  protocol_version INT NOT NULL,
  policy_hash VARCHAR(64) NOT NULL,
  started_at DATETIME(6) NOT NULL,
  heartbeat_at DATETIME(6) NOT NULL,
  heartbeat_ms INT NOT NULL,
  lease_ms INT NOT NULL,
  lease_until DATETIME(6) NOT NULL,
  seen_epoch BIGINT NOT NULL,
  acked_epoch BIGINT NOT NULL,
  in_flight INT NOT NULL,
  unknown_writes INT NOT NULL,
  oldest TEXT,
  KEY of_namespace (namespace)
) ${OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS ${t.lock} (
  namespace ${exact(200)},
  name ${exact(500)},
  token BIGINT NOT NULL CHECK (token >= 0),
  holder VARCHAR(36),
  nonce VARCHAR(64),
  owner TEXT,
  taken_over_from VARCHAR(36),
  acquired_at DATETIME(6),
  lease_until DATETIME(6),
  PRIMARY KEY (namespace, name)
) ${OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS ${t.rowLock} (lock_name ${exact(701)} PRIMARY KEY) ${OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS ${t.event} (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  namespace ${exact(200)},
  at DATETIME(6) NOT NULL,
  type VARCHAR(64) NOT NULL,
  epoch BIGINT,
  node VARCHAR(64),
  freeze_id VARCHAR(36),
  detail LONGTEXT NOT NULL,
  KEY of_namespace (namespace, id)
) ${OPTIONS}`,
  ]
}

/** What version 2 adds: runs, and freezes that wait for their next holder. */
export function versionTwo(t: TableNames, { exactCollation }: ServerLanguage): readonly string[] {
  const exact = (length: number): string => `VARCHAR(${length}) COLLATE ${exactCollation} NOT NULL`
  return [
    `ALTER TABLE ${t.freeze} ADD COLUMN takeover_ms INT`,
    `CREATE TABLE IF NOT EXISTS ${t.run} (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  namespace ${exact(200)},
  name ${exact(500)},
  reason TEXT NOT NULL,
  owner TEXT NOT NULL,
  holder VARCHAR(36) NOT NULL,
  nonce VARCHAR(64) NOT NULL,
  on_holder_lost VARCHAR(16) NOT NULL CHECK (on_holder_lost IN ('resume', 'rollback', 'thaw')),
  lease_ms INT NOT NULL,
  lease_until DATETIME(6) NOT NULL,
  takeover_ms INT NOT NULL,
  takeovers INT NOT NULL,
  freeze_id VARCHAR(36),
  phase VARCHAR(16) NOT NULL,
  steps LONGTEXT NOT NULL,
  baseline LONGTEXT,
  thawed TINYINT NOT NULL,
  outcome VARCHAR(16),
  error TEXT,
  progress INT NOT NULL CHECK (progress BETWEEN 0 AND 100),
  cancel_by TEXT,
  cancel_reason TEXT,
  started_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6),
  KEY of_namespace (namespace, started_at)
) ${OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS ${t.runToken} (run_id VARCHAR(36) NOT NULL PRIMARY KEY, nonce VARCHAR(64) NOT NULL) ${OPTIONS}`,
  ]
}
