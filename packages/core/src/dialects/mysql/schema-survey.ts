import type { Statements } from '../../domain/executor.ts'
import type { FenceGap, FenceSurvey, SurveyRequest } from '../../domain/fence.ts'
import { markName } from '../../domain/fence-mark.ts'
import { someOf } from '../table-choice.ts'
import { readGrants } from './fence-rights.ts'
import { functionSchemaOf, lookAtTables, type TableLook } from './fence-survey.ts'
import { quoteIdentifier } from './names.ts'
import { LONGEST_COMMENT, markerComment, readMarkers, readOnlySchemas } from './schema-marker.ts'
import { foreignSwitch, isListed } from './schema-switch.ts'
import { isAtLeast, type Server } from './server.ts'
import type { StoreContext } from './store-context.ts'

/** The version that has READ ONLY schemas. */
const NEEDS = [8, 0, 22] as const

/** Looks at what READ ONLY schemas would cover, and what stands in their way. */
export async function surveySchemas(
  context: StoreContext,
  one: Statements,
  request: SurveyRequest,
): Promise<FenceSurvey> {
  const server = await context.server()
  const home = functionSchemaOf(context, server.database)
  const look = await lookAtTables(context, one, request)
  const unable = unableServer(server)
  if (unable !== undefined) return { tables: [], gaps: [], obstacles: [unable] }
  const { schemas, wanted } = look
  const thrown = await readOnlySchemas(one, schemas)
  const markers = await readMarkers(one, home)
  const { mark } = request
  const own = mark && markers.find((marker) => markName(marker.mark) === markName(mark))
  const isCovered = (schema: string): boolean => thrown.has(schema) && own?.schemas.includes(schema) === true
  return {
    tables: wanted.map(({ schema, table, refuse }) => ({
      schema,
      table,
      refuse: { ...refuse, truncate: true },
      heat: 0,
      covered: isCovered(schema),
    })),
    gaps,
    obstacles: [
      ...look.missing,
      ...(schemas.includes(home) ? [sharedHome(home)] : []),
      ...(markerComment(schemas).length > LONGEST_COMMENT ? ['more schemas than a marker can list'] : []),
      ...partlyRefused(look),
      ...[...thrown].filter((schema) => !isListed(markers, schema)).map(foreignSwitch),
      ...(await lackingRights(one, home, schemas)),
    ],
  }
}

function unableServer({ language, version }: Server): string | undefined {
  if (language.product === 'mysql' && isAtLeast(version, NEEDS)) return undefined
  return `this server (${version}) has no READ ONLY schemas, as fenceBackend: 'schema' asks: MySQL ${NEEDS.join('.')} has`
}

function sharedHome(home: string): string {
  return `the coordination tables are in ${home} too, and its READ ONLY would refuse the heartbeat of every node: give them a database of their own on the same server, createCluster({ schema })`
}

/** The switch knows no exemptions. */
function partlyRefused({ found, wanted }: TableLook): readonly string[] {
  const whole = new Set(
    wanted
      .filter(({ refuse }) => refuse.insert && refuse.update === true && refuse.delete)
      .map(({ schema, table }) => JSON.stringify([schema, table])),
  )
  const partly = found.filter(({ schema, table }) => !whole.has(JSON.stringify([schema, table])))
  if (partly.length === 0) return []
  return [
    `READ ONLY schemas know no exemptions, and ${someOf(partly)} are exempt, in part or wholly, or left out by tables: freeze with fenceBackend: 'triggers', or move them to another database of the server`,
  ]
}

async function lackingRights(one: Statements, home: string, schemas: readonly string[]): Promise<readonly string[]> {
  const grants = await readGrants(one)
  const lacking = (schema: string, privileges: readonly string[], what: string): readonly string[] => {
    const needed = privileges.filter((privilege) => !grants.may(privilege, schema))
    return needed.length === 0
      ? []
      : [`the user may not ${what} ${schema}: GRANT ${needed.join(', ')} ON ${quoteIdentifier(schema)}.*`]
  }
  return [
    ...schemas.flatMap((schema) => lacking(schema, ['ALTER'], 'make READ ONLY the schema')),
    ...lacking(home, ['CREATE', 'ALTER', 'DROP'], 'make the marker of the fence in'),
  ]
}

/** What passes READ ONLY schemas. */
const gaps: readonly FenceGap[] = [
  {
    kind: 'switch',
    message: 'whoever has ALTER on a schema can take READ ONLY off again: take it from accounts that could use it',
  },
  {
    kind: 'replication',
    message: 'rows that this server receives as a replica may pass, which was not tried: STOP REPLICA stops them',
  },
]
