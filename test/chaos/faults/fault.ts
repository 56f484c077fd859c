import type { FreezeOptions } from '@quiesce/core'
import type { DatabaseName } from '@quiesce/test-servers'
import type { Lapse } from '../round.ts'
import type { World } from '../world.ts'

/** What one strike of a fault does around the freeze of a round. */
export interface Strike {
  /** Writers whose statements may be under way past an `acknowledged` freeze. */
  readonly mayBeLate?: readonly string[]
  /** Until when applications may begin to write in an `acknowledged` freeze, because somebody has deleted their rows. */
  readonly unknownUntil?: number
  /** As soon as the freeze has resolved, before the run writes down that it has. */
  resolved?(): Promise<void>
  /** Once the freeze has resolved. */
  frozen?(): Promise<void>
  /** Ends the fault; called in every round, whatever became of the freeze. */
  heal(): Promise<void>
  /** Clears away what the cluster had to get along with, once it has been judged. */
  cleanUp?(): void
  /** When the server lost what it had acknowledged to the applications, asked for at the end; default: never. */
  lapse?(): Lapse | undefined
}

/** Something that goes wrong. */
export interface Fault {
  readonly name: string
  /** Where it can happen. Default: on every database. */
  readonly databases?: readonly DatabaseName[]
  /** Whether the freeze may end although its holder has not thawed it. */
  readonly mayLoseFreeze?: boolean
  /** What the freeze of its round is asked for with on top. */
  readonly freeze?: Pick<FreezeOptions, 'kind'>
  /** Begins it, before the freeze. */
  strike(world: World): Promise<Strike>
}
