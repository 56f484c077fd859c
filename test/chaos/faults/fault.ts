import type { DatabaseName } from '@quiesce/test-servers'
import type { World } from '../world.ts'

/** What one strike of a fault does around the freeze of a round. */
export interface Strike {
  /** Writers whose statements may be under way past an `acknowledged` freeze. */
  readonly mayBeLate?: readonly string[]
  /** Once the freeze has resolved. */
  frozen?(): Promise<void>
  /** Ends the fault; called in every round, whatever became of the freeze. */
  heal(): Promise<void>
}

/** Something that goes wrong. */
export interface Fault {
  readonly name: string
  /** Where it can happen. Default: on every database. */
  readonly databases?: readonly DatabaseName[]
  /** Whether the freeze may end although its holder has not thawed it. */
  readonly mayLoseFreeze?: boolean
  /** Begins it, before the freeze. */
  strike(world: World): Promise<Strike>
}
