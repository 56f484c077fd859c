import type { FenceSurvey, SurveyRequest, TableRef } from '../../domain/fence.ts'
import { markName } from '../../domain/fence-mark.ts'
import type { Installation, InstallationPlan } from '../../domain/standing-backend.ts'
import { standingName } from '../fence-names.ts'
import { readRow } from '../row.ts'
import { notInstalled, standingObstacles, stateOfInstallation } from '../standing-verdict.ts'
import { refusesMore } from './fence-coverage.ts'
import { generalGaps, missingRights, type WantedTables, wantedTables } from './fence-survey.ts'
import { standingFunction } from './standing-function.ts'
import type { StandingNames } from './standing-names.ts'
import { selectFencedTables, selectFunction, selectRow, selectState } from './standing-statements.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

/** What the namespace's row says, as far as the role may read it. */
export interface StandingState {
  /** Whether the table is there. */
  readonly present: boolean
  /** Grants that the role lacks to raise a fence. */
  readonly lacking: readonly string[]
  /** `undefined` when there is no row, or none that the role may read. */
  readonly installed: boolean | undefined
  readonly entries: readonly { readonly mark: string; readonly digest: string | null }[]
}

/** Reads the state. */
export async function readState(context: StoreContext): Promise<StandingState> {
  const { tables, namespace } = context
  const [row = {}] = await rowsOf(context, selectState, [tables.fence])
  const may = readRow(row)
  if (!may.boolean('present')) return { present: false, lacking: [], installed: undefined, entries: [] }
  const lacking = ['select', 'update']
    .filter((right) => !may.boolean(`may_${right}`))
    .map((right) => right.toUpperCase())
  if (!may.boolean('may_select')) return { present: true, lacking, installed: undefined, entries: [] }
  const [found] = await rowsOf(context, selectRow(context), [namespace])
  if (found === undefined) return { present: true, lacking, installed: undefined, entries: [] }
  const r = readRow(found)
  const entries = r.json('raised') as StandingState['entries']
  return { present: true, lacking, installed: r.boolean('installed'), entries }
}

/** What is installed. */
export async function installationOf(context: StoreContext, names: StandingNames): Promise<Installation> {
  const { installed, lacking } = await readState(context)
  const rows = await rowsOf(context, selectFencedTables, [`${standingName(names)}_`])
  const tables = rows.map(tableRef)
  return { state: stateOfInstallation(installed, lacking.length === 0, tables), tables }
}

/** What a freeze would get from what is installed: all that it wants and no more, or obstacles. */
export async function surveyStanding(
  context: StoreContext,
  names: StandingNames,
  request: SurveyRequest,
): Promise<FenceSurvey> {
  const state = await readState(context)
  if (!state.present) return notInstalled
  const wanted = await wantedTables(context, request, `${standingName(names)}_`)
  if (state.installed === undefined && !wanted.found.some(({ triggers }) => triggers.length > 0)) return notInstalled
  const { mark } = request
  const isRaised = mark !== undefined && state.entries.some((entry) => entry.mark === markName(mark))
  const { lacking } = state
  const rights = `the role may not raise the standing fence: GRANT ${lacking.join(', ')} ON ${context.tables.fence}`
  const obstacles = standingObstacles({
    missing: [...wanted.missing, ...(lacking.length === 0 ? [] : [rights])],
    complete: lacking.includes('SELECT') ? undefined : state.installed === true,
    bare: wanted.tables.filter(({ covered }) => !covered),
    superfluous: superfluous(wanted),
    different: [],
  })
  return {
    tables: wanted.tables.map(({ on: _, covered, ...table }) => ({ ...table, covered: covered && isRaised })),
    gaps: [...wanted.gaps, ...(await generalGaps(context))],
    obstacles,
    installed: true,
  }
}

/** What has to be made and removed. */
export async function planInstallation(
  context: StoreContext,
  names: StandingNames,
  request: SurveyRequest | undefined,
): Promise<InstallationPlan> {
  const prefix = `${standingName(names)}_`
  const installed = (await rowsOf(context, selectFencedTables, [prefix])).map(tableRef)
  if (request === undefined) {
    const changes = installed.map((table) => ({ ...table, refuse: undefined }))
    return { changes, current: false, tables: 0, gaps: [], obstacles: [] }
  }
  const wanted = await wantedTables(context, request, prefix)
  const [row] = await rowsOf(context, selectFunction, [standingName(names), context.location.schema ?? ''])
  const more = new Set(superfluous(wanted))
  const wrong = wanted.tables.filter(({ covered, on }) => !covered || more.has(on))
  const isWanted = new Set(wanted.tables.map(({ on }) => keyOf(on)))
  const removed = installed.filter((table) => !isWanted.has(keyOf(table)))
  return {
    changes: [
      ...wrong.map(({ schema, table, refuse }) => ({ schema, table, refuse })),
      ...removed.map(({ schema, table }) => ({ schema, table, refuse: undefined })),
    ],
    current: row !== undefined && readRow(row).text('source') === standingFunction(names),
    tables: wanted.tables.length,
    gaps: [...wanted.gaps, ...(await generalGaps(context))],
    obstacles: [...wanted.missing, ...(await missingRights(context, wanted.tables))],
  }
}

/** Tables whose triggers refuse what shall pass. */
function superfluous({ found, tables }: WantedTables): readonly WantedTables['found'][number][] {
  const refuse = new Map(tables.map((table) => [table.on, table.refuse]))
  return found.filter((table) => refusesMore(table, refuse.get(table)))
}

function keyOf({ schema, table }: TableRef): string {
  return JSON.stringify([schema, table])
}

function tableRef(row: Parameters<typeof readRow>[0]): TableRef {
  const r = readRow(row)
  return { schema: r.text('schema'), table: r.text('table') }
}
