import type { FixtureOptions, GuardedApplication } from './fixture.ts'
import type { Operation } from './operations.ts'
import type { ReadOperation } from './read-operations.ts'
import type { TypeormModule } from './typeorm-module.ts'

/** A database product under TypeORM, with what can be done on it besides what TypeORM itself offers. */
export interface TypeormTarget {
  readonly name: string
  /** Opens the application on a database of its own, in read-write mode. */
  open(typeorm: TypeormModule, options?: FixtureOptions): Promise<GuardedApplication>
  /** Text of one's own, transactions and streams. */
  readonly statements: readonly Operation[]
  /** What reaches the driver past the query runner, where that is guarded. */
  readonly clients: readonly Operation[]
  readonly reads: readonly ReadOperation[]
  /** Names of operations that leave the database as it was even when nobody refuses them. */
  readonly harmless: readonly string[]
}
