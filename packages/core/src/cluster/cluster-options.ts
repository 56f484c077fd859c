import type { DatabaseObject } from '../dialects/choose-dialect.ts'
import type { Clock } from '../domain/clock.ts'
import type { Exemptions, SkipRules } from '../domain/exemption.ts'
import type { Logger } from '../domain/logger.ts'
import type { Enforcement } from '../domain/node-record.ts'

/** The part of a driver's pool that tells how to connect. */
export interface PoolLike {
  readonly options: object
  query(...parameters: never[]): unknown
}

/** How a cluster is made; see the README for what each default means. */
export interface ClusterOptions {
  /**
   * The coordination database: a `postgres://` URL, or the application's `pg.Pool`, whose options are used for own
   * connections; a `file:` or `sqlite:` URL, or the application's `Database` object of better-sqlite3, whose file is used.
   */
  readonly database: string | PoolLike | DatabaseObject | undefined
  /** Names the application; clusters of other namespaces in the same database do not see each other. Default `default`. */
  readonly namespace?: string
  /** The schema of the coordination tables, made by `migrate()`. Default `quiesce`. */
  readonly schema?: string
  /** Default `quiesce_`. */
  readonly tablePrefix?: string
  /** What may be written while the cluster is read-only, in the database's table and column names. Default: nothing. */
  readonly exempt?: Exemptions
  /**
   * Whether this node refuses what a freeze forbids (`'enforce'`, default) or lets it pass and counts, logs and tells it
   * (`'report'`). A node that only reports never acks, so a freeze fails unless it accepts that.
   */
  readonly enforcement?: Enforcement
  /**
   * Writes that are answered as done with nothing sent while the cluster is read-only, in the form of `exempt`; they are
   * lost. See docs/guards.md for what can be answered, and for the dangers. Default: nothing.
   */
  readonly skip?: SkipRules
  /**
   * `'session'`: while the cluster is not read-write, guarded connections are the server's own read-only sessions, so that
   * a function that writes is refused in a SELECT too. Costs one round trip per connection and switch. Not for poolers in
   * transaction mode; see docs/guards.md. Default false.
   */
  readonly belt?: 'session' | false
  /** How statements are judged. */
  readonly sql?: {
    readonly functions?: {
      /** Functions that a read may call although they are listed as effectful, or not listed in strict mode. */
      readonly harmless?: readonly string[]
      /** Functions of the application's own that write: a read that calls one is refused. */
      readonly effectful?: readonly string[]
    }
    /** A read may call only functions that are known to be harmless. Default false. */
    readonly strict?: boolean
  }
  /** What an unqualified table name means. Default `public`. */
  readonly defaultSchema?: string
  /** Shown as the application name of the control connections and in `nodes()`. Default `app`. */
  readonly application?: string
  /** The status of refusals: a number, or `'auto'` = 503 with `Retry-After` when the freeze has an expected end. Default 403. */
  readonly http?: { readonly status?: number | 'auto' }
  /** How often a node renews its lease and reads the mode. Default 2000. */
  readonly pollIntervalMs?: number
  /**
   * The same while a freeze begins or ends. A node that has acked asks after a tenth of the time that has passed since, up
   * to `pollIntervalMs`. Default 250.
   */
  readonly fastPollIntervalMs?: number
  /** How long a node's word lasts; at least 3 × `pollIntervalMs`. Default 8000. */
  readonly nodeLeaseMs?: number
  /** How long a machine freeze survives its holder; at least `nodeLeaseMs` + 5 % + `writeBoundMs`. Default 15 000. */
  readonly freezeLeaseMs?: number
  /** How long after the end of a lease others take over. Default 500. */
  readonly lockDelayMs?: number
  /** The longest life of one autocommit write, for waiting out a silent node. Default 5000. */
  readonly writeBoundMs?: number
  /** How long `close()` waits for writes in flight, and for a database that does not answer. Default 10 000. */
  readonly closeTimeoutMs?: number
  /** Default 30 000. */
  readonly connectionTimeoutMs?: number
  /** The longest wait for the answer to one coordination statement. Default 3000. */
  readonly statementTimeoutMs?: number
  /** Control connections besides the one that listens. Default 2. */
  readonly poolSize?: number
  /** Use LISTEN as a hint; without it nodes follow by polling alone. Default true. */
  readonly listen?: boolean
  /** Durability of freezes and thaws. Default `on`: flushed by the server. */
  readonly synchronousCommit?: 'on' | 'remote_apply'
  /** Where alerts are sent besides `on('alert')`; bounded and retried. Default: nowhere. */
  readonly alerts?: {
    /** Gets each alert as a JSON object by POST. */
    readonly webhook: string
    readonly headers?: Readonly<Record<string, string>>
    /** Attempts after the first. Default 4. */
    readonly retries?: number
    /** For one attempt. Default 5000. */
    readonly timeoutMs?: number
  }
  /** How long a holder or the database may be silent before an alert says so, although its lease still runs. Default 30 000. */
  readonly escalateAfterMs?: number
  readonly lock?: {
    /** Default 15 000. */
    readonly leaseMs?: number
    /** How long one attempt may wait inside the database. Default 1000. */
    readonly statementTimeoutMs?: number
    /** Default 5. */
    readonly retries?: number
    /** The first pause; each next one is twice as long. Default 1000. */
    readonly retryIntervalMs?: number
    /** Default 1000. */
    readonly maxRetryIntervalMs?: number
    /** The share by which pauses are spread. Default 0.1. */
    readonly jitter?: number
  }
  /** Where else to look for instances of the application, so that those without a guard are not forgotten. Default: nowhere. */
  readonly detect?: {
    /** A Quartz cluster's tables, in which each instance has a scheduler. */
    readonly quartz?: { readonly schema?: string /** Default `QRTZ_`. */; readonly prefix?: string }
    /** Application names of programs that have no guard, as the database sees their sessions. */
    readonly applications?: readonly string[]
  }
  /** Pino-shaped. Default: silent. */
  readonly logger?: Logger
  /** For tests. */
  readonly clock?: Clock
}
