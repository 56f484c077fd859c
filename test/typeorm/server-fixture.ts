import type { EventEmitter } from 'node:events'
import type { DataSourceOptions, QueryRunner } from 'typeorm'
import type { FixtureOptions, GuardedApplication } from './fixture.ts'
import type { TypeormTarget } from './target.ts'
import type { TypeormModule } from './typeorm-module.ts'

/** A client of the driver as an application uses it past TypeORM. */
export interface RawClient {
  query(sql: string): Promise<unknown>
  release(): void
}

/** The application on a database server, and the same database as an unguarded client sees it. */
export interface ServerFixture extends GuardedApplication {
  readonly url: string
  /** The pool that TypeORM's driver has opened. */
  readonly pool: EventEmitter
  /** How many rows of `setting` there are besides the one of the seed. */
  settings(): Promise<number>
  /** Ends the application's sessions. */
  cutAll(): Promise<void>
  /** The client of a query runner; releasing it is the runner's. */
  clientOf(runner: QueryRunner): Promise<RawClient>
  /** Takes a client from the pool and hands it on in the same turn in which the pool does. */
  take<T>(use: (client: RawClient) => T | Promise<T>): Promise<T>
  /** `pool.query()`. */
  queryPool(sql: string): Promise<unknown>
  /** Lets nobody wait for a connection any more, or not for long; how that ends for who does. */
  refuseToWait(): RegExp
}

/** A server product under TypeORM. */
export interface ServerTarget extends TypeormTarget {
  open(typeorm: TypeormModule, options?: FixtureOptions): Promise<ServerFixture>
  serverUrl(): string | undefined
  /** The options of the test application. */
  options(typeorm: TypeormModule, url: string, more?: Partial<DataSourceOptions>): DataSourceOptions
  /** The text of an INSERT of one setting whose rows, if any, a stream gives. */
  readonly streamed: string
  /** True where `pool.query()` is refused before a connection is taken. */
  readonly refusesAtPool: boolean
  /** The text of a read that takes so long. */
  sleep(seconds: number): string
  /** The text of an INSERT of one setting that takes so long. */
  slowInsert(seconds: number): string
}
