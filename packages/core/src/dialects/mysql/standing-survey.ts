import type { Statements } from '../../domain/executor.ts'
import type { FenceSurvey, FenceTable, SurveyRequest, TableRef } from '../../domain/fence.ts'
import { markName } from '../../domain/fence-mark.ts'
import type { Installation, InstallationPlan } from '../../domain/standing-backend.ts'
import { readRow } from '../row.ts'
import { notInstalled, type StandingFindings, standingObstacles, stateOfInstallation } from '../standing-verdict.ts'
import { errorNumberOf } from './errors.ts'
import { triggerGaps } from './fence-gaps.ts'
import { lackingDdlHold, missingRights, readGrants } from './fence-rights.ts'
import { lookAtTables, type TableLook } from './fence-survey.ts'
import { quoteIdentifier } from './names.ts'
import { judge, look } from './standing-function.ts'
import type { StandingNames } from './standing-names.ts'
import { readState } from './standing-state.ts'
import {
  type InstalledTrigger,
  readTriggers,
  type StandingTrigger,
  standingTriggers,
  triggersInCatalog,
} from './standing-triggers.ts'
import type { StoreContext } from './store-context.ts'

const NO_SUCH_FUNCTION = 1305
const MAY_NOT_EXECUTE = 1370
/** What a node needs on the table of the states to raise a fence. */
const RIGHTS = ['SELECT', 'UPDATE'] as const

/**
 * The triggers as the installation's own function tells them, or why it does not. An account that may execute none is
 * told so of one that is not there, too.
 */
async function askForTriggers(
  one: Statements,
  names: StandingNames,
): Promise<readonly InstalledTrigger[] | 'absent' | 'denied'> {
  try {
    return await readTriggers(one, names, `SELECT ${look(names).called}() AS found`)
  } catch (error) {
    const number = errorNumberOf(error)
    if (number === NO_SUCH_FUNCTION) return 'absent'
    if (number === MAY_NOT_EXECUTE) return 'denied'
    throw error
  }
}

/** What is installed. */
export async function installationOf(one: Statements, names: StandingNames): Promise<Installation> {
  const state = await readState(one, names)
  const told = await askForTriggers(one, names)
  const triggers = typeof told === 'string' ? await triggersInCatalog(one, names) : told
  const mayRead = state !== 'denied' || typeof told === 'string'
  const installed = typeof state === 'object' ? isInUse(state) && typeof told !== 'string' : undefined
  const tables = tablesOf(triggers)
  return { state: stateOfInstallation(installed, mayRead, tables), tables }
}

/** What a freeze would get from what is installed: all that it wants and no more, or obstacles. */
export async function surveyStanding(
  context: StoreContext,
  one: Statements,
  names: StandingNames,
  request: SurveyRequest,
): Promise<FenceSurvey> {
  const state = await readState(one, names)
  const told = await askForTriggers(one, names)
  if (typeof told === 'string' && (state === 'absent' || (state === 'denied' && told === 'absent'))) return notInstalled
  if (state === 'denied' && told === 'denied')
    return { tables: [], gaps: [], obstacles: await lackingRights(one, names, false, undefined) }
  const { language } = await context.server()
  const { mark, holdDdl = false } = request
  const tables = await lookAtTables(context, one, request)
  const triggers = typeof told === 'string' ? [] : told
  const differences = compare(names, tables, triggers)
  const isRaised =
    mark !== undefined && typeof state === 'object' && state.entries.some((entry) => entry.mark === markName(mark))
  const isBare = new Set([...differences.bare, ...differences.different].map(keyOf))
  const wanted = tables.wanted.map(
    ({ columns: _, ...table }): FenceTable => ({ ...table, heat: 0, covered: isRaised && !isBare.has(keyOf(table)) }),
  )
  const isTold = told !== 'denied'
  return {
    tables: wanted,
    gaps: [
      ...tables.excluded,
      ...(await triggerGaps(one, language, { schemas: tables.schemas, tables: wanted, holdDdl })),
    ],
    obstacles: standingObstacles({
      missing: [
        ...tables.missing,
        ...(await lackingRights(one, names, isTold, holdDdl ? language.ddlHold.privilege : undefined)),
      ],
      complete: state === 'denied' || !isTold ? undefined : isInUse(state) && told !== 'absent',
      ...(isTold ? differences : { bare: [], superfluous: [], different: [] }),
    }),
    installed: true,
  }
}

/** What has to be made and removed. */
export async function planInstallation(
  context: StoreContext,
  one: Statements,
  names: StandingNames,
  request: SurveyRequest | undefined,
): Promise<InstallationPlan> {
  const triggers = await triggersInCatalog(one, names)
  const installed = tablesOf(triggers)
  if (request === undefined) {
    const changes = installed.map((table) => ({ ...table, refuse: undefined }))
    return { changes, current: false, tables: 0, gaps: [], obstacles: [] }
  }
  const { language } = await context.server()
  const tables = await lookAtTables(context, one, request)
  const { bare, superfluous, different } = compare(names, tables, triggers)
  const wrong = new Set([...bare, ...superfluous, ...different].map(keyOf))
  const isWanted = new Set(tables.wanted.map(keyOf))
  const wanted = tables.wanted.map(({ columns: _, ...table }): FenceTable => ({ ...table, heat: 0, covered: false }))
  return {
    changes: [
      ...tables.wanted.filter((table) => wrong.has(keyOf(table))).map(refRefuse),
      ...installed.filter((table) => !isWanted.has(keyOf(table))).map((table) => ({ ...table, refuse: undefined })),
    ],
    current: await areFunctionsThere(one, names),
    tables: wanted.length,
    gaps: [
      ...tables.excluded,
      ...(await triggerGaps(one, language, { schemas: tables.schemas, tables: wanted, holdDdl: false })),
    ],
    obstacles: [...tables.missing, ...(await missingRights(one, names.schema, wanted, undefined))],
  }
}

function isInUse(state: Awaited<ReturnType<typeof readState>>): boolean {
  return typeof state === 'object' && state.installed
}

function refRefuse({ schema, table, refuse }: TableLook['wanted'][number]): InstallationPlan['changes'][number] {
  return { schema, table, refuse }
}

/** Where what is installed is not what is wanted, by the names of the triggers, which tell all about them. */
function compare(
  names: StandingNames,
  { wanted }: TableLook,
  triggers: readonly InstalledTrigger[],
): Pick<StandingFindings, 'bare' | 'superfluous' | 'different'> {
  const there = new Map<string, InstalledTrigger[]>()
  for (const trigger of triggers) there.set(keyOf(trigger), [...(there.get(keyOf(trigger)) ?? []), trigger])
  const isWanted = new Set(wanted.map(keyOf))
  const bare: TableRef[] = []
  const different: TableRef[] = []
  const superfluous = [...tablesOf(triggers).filter((table) => !isWanted.has(keyOf(table)))]
  for (const table of wanted) {
    const found = there.get(keyOf(table)) ?? []
    const needed = standingTriggers(names, table, table.refuse, table.columns)
    const has = ({ name, condition }: StandingTrigger): boolean =>
      found.some((one) => one.name === name && (condition === undefined || one.isLast))
    const more = found.filter((one) => !needed.some(({ name }) => name === one.name))
    if (needed.some((trigger) => !has(trigger) && !more.some(({ name }) => isOf(name, trigger.event)))) bare.push(table)
    else if (more.some(({ name }) => !needed.some(({ event }) => isOf(name, event)))) superfluous.push(table)
    else if (more.length > 0) different.push(table)
  }
  return { bare, superfluous, different }
}

function isOf(name: string, event: string): boolean {
  return name.endsWith(`_${event[0]?.toLowerCase()}`)
}

async function areFunctionsThere(one: Statements, names: StandingNames): Promise<boolean> {
  const sql = `SELECT COUNT(*) AS n FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? AND ROUTINE_NAME IN (?, ?)`
  const [row = {}] = (await one.execute(sql, [names.schema, judge(names).name, look(names).name])).rows
  return readRow(row).number('n') === 2
}

async function lackingRights(
  one: Statements,
  { schema, tableName, table }: StandingNames,
  isTold: boolean,
  ddlPrivilege: string | undefined,
): Promise<readonly string[]> {
  const grants = await readGrants(one)
  const lacking = RIGHTS.filter((privilege) => !grants.may(privilege, schema, tableName))
  return [
    ...(lacking.length === 0
      ? []
      : [`the user may not raise a standing fence, where one is installed: GRANT ${lacking.join(', ')} ON ${table}`]),
    ...(isTold
      ? []
      : [`the user may not ask which triggers a standing fence has: GRANT EXECUTE ON ${quoteIdentifier(schema)}.*`]),
    ...lackingDdlHold(grants, ddlPrivilege),
  ]
}

function tablesOf(triggers: readonly InstalledTrigger[]): readonly TableRef[] {
  const tables = new Map(triggers.map(({ schema, table }) => [keyOf({ schema, table }), { schema, table }]))
  return [...tables.values()]
}

function keyOf({ schema, table }: TableRef): string {
  return JSON.stringify([schema, table])
}
