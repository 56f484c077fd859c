import type { FenceSurvey, TableRef } from '../domain/fence.ts'
import type { Installation } from '../domain/standing-backend.ts'
import { someOf } from './table-choice.ts'

/** What a survey has seen of a standing fence. */
export interface StandingFindings {
  /** Obstacles: tables that are named and not there, and rights that the role lacks to raise the fence. */
  readonly missing: readonly string[]
  /** Whether it is in use: `undefined` where the role may not read that. */
  readonly complete: boolean | undefined
  /** Tables where it refuses less than this freeze asks for. */
  readonly bare: readonly TableRef[]
  /** Tables where it refuses what this freeze lets pass. */
  readonly superfluous: readonly TableRef[]
  /** Tables whose updates it judges by other columns, where more and less cannot be told apart. */
  readonly different: readonly TableRef[]
}

/** Why a freeze cannot use what is installed; empty when it can. */
export function standingObstacles(findings: StandingFindings): readonly string[] {
  const { missing, complete, bare, superfluous, different } = findings
  const obstacles = [
    ...missing,
    ...(complete === false ? ['its installation is not complete'] : []),
    ...(bare.length === 0 ? [] : [`the standing fence does not cover ${someOf(bare)} as this freeze needs it`]),
    ...(superfluous.length === 0
      ? []
      : [`the standing fence refuses more on ${someOf(superfluous)} than this freeze asks for`]),
    ...(different.length === 0
      ? []
      : [`the standing fence was installed for other columns, or other exempt ones, of ${someOf(different)}`]),
  ]
  return obstacles.length === 0 ? [] : [...obstacles, 'quiesce fence install brings it up to date']
}

/** The survey of a standing fence that is not there. */
export const notInstalled: FenceSurvey = {
  tables: [],
  gaps: [],
  obstacles: ['no standing fence is installed'],
  installed: false,
}

/** How far an installation is; `mayRead`: a role that may not read the state does not know, and cannot use what is there. */
export function stateOfInstallation(
  installed: boolean | undefined,
  mayRead: boolean,
  tables: readonly TableRef[],
): Installation['state'] {
  if (installed === true) return 'complete'
  return installed === undefined && mayRead && tables.length === 0 ? 'absent' : 'incomplete'
}
