import type { Outcome } from '../domain/admission.ts'
import type { Belt } from '../domain/belt.ts'
import type { SqlExecutor } from '../domain/executor.ts'
import type { FenceBackend } from '../domain/fence.ts'
import type { FenceRefusal } from '../domain/fence-refusal.ts'
import type { Guarantee } from '../domain/guarantee.ts'
import type { StandingBackend } from '../domain/standing-backend.ts'
import type { CoordinationStore } from '../domain/store.ts'
import type { ContentReader } from '../domain/table-content.ts'
import type { Grammar } from '../sql/analysis.ts'

/** Where the coordination tables are. */
export interface TableLocation {
  /** `undefined`: the connection's own database, where the dialect allows it. */
  readonly schema: string | undefined
  readonly tablePrefix: string
}

/** What a dialect needs to make a store. */
export interface StoreOptions {
  readonly namespace: string
  readonly location: TableLocation
  /** Durability of freezes and thaws: flushed by the server, or applied on its synchronous standbys too. */
  readonly synchronousCommit: 'on' | 'remote_apply'
}

/** How the control connections are opened. */
export interface ConnectionOptions {
  readonly applicationName: string
  readonly connectionTimeoutMs: number
  readonly statementTimeoutMs: number
  readonly poolSize: number
  /** False where a pooler may answer each statement with another session of the server. */
  readonly ownSessions: boolean
}

/** Everything that differs between databases; nothing else in the project knows which one it talks to. */
export interface Dialect {
  readonly name: 'postgres' | 'mysql' | 'mariadb' | 'sqlite'
  /** The grammar of statements, as far as it is known before the server has spoken. */
  readonly grammar: Grammar
  /** What a freeze that succeeded amounts to. */
  readonly guarantee: Guarantee
  /** What an unqualified table name in an exemption means. */
  readonly defaultSchema: string | undefined
  /** Where the coordination tables are when nobody says; `undefined`: in the connection's own database. */
  readonly defaultCoordinationSchema: string | undefined
  /** Whether `database` (a URL, a driver's pool or its options) is one that it can open. */
  accepts(database: unknown): boolean
  /** Problems with a namespace, schema or prefix, in words; empty when there are none. */
  checkNames(names: { namespace: string; location: TableLocation }): readonly string[]
  /** Opens own control connections from a URL or from the options of a driver's pool. */
  connect(database: unknown, options: ConnectionOptions): SqlExecutor
  createStore(executor: SqlExecutor, options: StoreOptions): CoordinationStore
  /** The database's own refusal, by triggers that stand only while the cluster is frozen; left out where there is none. */
  createFence?(executor: SqlExecutor, options: StoreOptions): FenceBackend
  /** The same by triggers that are installed once and stand always; left out where there is none. */
  createStandingFence?(executor: SqlExecutor, options: StoreOptions): StandingBackend
  /** The same by schemas that are made read-only as a whole; left out where there is none. */
  createSchemaFence?(executor: SqlExecutor, options: StoreOptions): FenceBackend
  /** What a fence said when an error of a driver or an ORM is its refusal. */
  fenceRefusalOf?(error: unknown): FenceRefusal | undefined
  /** The server's own read-only session, where its drivers' pools can be switched. */
  readonly belt?: Belt
  /** Asks the server which grammar it speaks, where one URL may lead to several products. */
  grammarOf?(executor: SqlExecutor): Promise<Grammar>
  /** Reads the content of tables; left out where checksums cannot be computed in the database. */
  contentOf?(executor: SqlExecutor): Promise<ContentReader>
  /**
   * The environment variables, and their values on top of `environment`, by which programs that connect with this
   * database's own libraries show a token to fences without knowing of it.
   */
  clientEnvironment?(token: string, environment: Readonly<Record<string, string | undefined>>): Record<string, string>
  /** A URL whose connections show a token, for programs that do not read those variables; left out where URLs cannot. */
  urlWithToken?(url: string, token: string): string
  /** Whether an error that a guarded statement ended with is the server's answer. */
  outcomeOf(error: unknown): Outcome
}
