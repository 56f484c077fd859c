import type { Statements } from '../../domain/executor.ts'
import type { TableRef } from '../../domain/fence.ts'
import { readRow } from '../row.ts'
import { someOf } from '../table-choice.ts'
import { errorNumberOf } from './errors.ts'
import { quoteIdentifier } from './names.ts'

/** What the account may do, by `SHOW GRANTS`. */
export interface Grants {
  /** Whether it has a privilege on a schema, or on one table of it. */
  may(privilege: string, schema: string, table?: string): boolean
}

interface Grant {
  readonly gives: boolean
  /** Whether it is a role's, which only MariaDB shows as such. */
  readonly ofRole: boolean
  readonly privileges: ReadonlySet<string>
  /** `undefined`: all. */
  readonly schema: RegExp | undefined
  readonly table: string | undefined
}

/** Reads the grants of the session's account and of the roles that are active in it. */
export async function readGrants(one: Statements): Promise<Grants> {
  const grants = (await showGrants(one)).flatMap(parseGrant)
  return {
    may(privilege, schema, table) {
      const about = grants.filter(
        (grant) =>
          (grant.privileges.has(privilege) || grant.privileges.has('ALL PRIVILEGES')) &&
          // Triggers run with the rights of the account that made them; on MariaDB its roles are not among those.
          !(grant.ofRole && privilege === 'TRIGGER') &&
          (grant.schema === undefined || grant.schema.test(schema)) &&
          (grant.table === undefined || grant.table === table),
      )
      // MySQL can take a schema out of what it grants on all; a grant on the schema itself counts again.
      const isTaken = about.some(({ gives }) => !gives)
      return about.some((grant) => grant.gives && (!isTaken || grant.schema !== undefined))
    },
  }
}

const SYNTAX_ERROR = 1064

/** MySQL shows what roles give only when they are named; MariaDB does so by itself. */
async function showGrants(one: Statements): Promise<readonly string[]> {
  const lines = (rows: readonly Readonly<Record<string, unknown>>[]): readonly string[] =>
    rows.flatMap((row) => Object.values(row).map(String))
  const [row = {}] = (await one.execute('SELECT CURRENT_ROLE() AS roles')).rows
  const roles = readRow(row).optionalText('roles') ?? 'NONE'
  if (roles === 'NONE') return lines((await one.execute('SHOW GRANTS')).rows)
  try {
    return lines((await one.execute(`SHOW GRANTS FOR CURRENT_USER() USING ${roles}`)).rows)
  } catch (error) {
    if (errorNumberOf(error) !== SYNTAX_ERROR) throw error
    return lines((await one.execute('SHOW GRANTS')).rows)
  }
}

const name = '(`(?:[^`]|``)*`|\\*)'
const line = new RegExp(`^(GRANT|REVOKE) (.+?) ON (?:TABLE )?${name}\\.${name} (?:TO|FROM) \`(?:[^\`]|\`\`)*\`(@?)`)

function parseGrant(text: string): readonly Grant[] {
  const [, verb, privileges, schema, table, at] = line.exec(text) ?? []
  if (privileges === undefined || schema === undefined || table === undefined) return []
  return [
    {
      gives: verb === 'GRANT',
      ofRole: at === '',
      // Privileges on some columns are of no use here.
      privileges: new Set(privileges.replaceAll(/ ?\([^)]*\)/g, ' of columns').split(/, ?/)),
      schema: schema === '*' ? undefined : patternOf(unquoted(schema), table === '*'),
      table: table === '*' ? undefined : unquoted(table),
    },
  ]
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll('``', '`')
}

/** In grants on a whole schema `%` and `_` stand for other characters, unless a backslash says otherwise. */
function patternOf(schema: string, isPattern: boolean): RegExp {
  const parts = isPattern ? (schema.match(/\\[%_\\]|[\s\S]/g) ?? []) : [...schema]
  const source = parts.map((part) => {
    if (isPattern && part === '%') return '.*'
    if (isPattern && part === '_') return '.'
    return part.replace(/^\\(?=[%_\\])/, '').replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  })
  return new RegExp(`^${source.join('')}$`, 's')
}

/** What the account lacks to raise a fence and to lower it again, each with the grant that helps. */
export async function missingRights(
  one: Statements,
  functionSchema: string,
  tables: readonly TableRef[],
  ddlPrivilege: string | undefined,
): Promise<readonly string[]> {
  const grants = await readGrants(one)
  const [row = {}] = (await one.execute(selectSettings)).rows
  const r = readRow(row)
  const obstacles: string[] = []
  const bare = tables.filter(({ schema, table }) => !grants.may('TRIGGER', schema, table))
  if (bare.length > 0) {
    const schemas = [...new Set(bare.map(({ schema }) => `${quoteIdentifier(schema)}.*`))]
    obstacles.push(
      `the user may not make triggers on ${someOf(bare)}: GRANT TRIGGER ON ${schemas.join(', ')} to the account itself, or leave them out with tables: { exclude }`,
    )
  }
  const needed = ['CREATE ROUTINE', 'ALTER ROUTINE', ...(r.boolean('grants_routines') ? [] : ['EXECUTE'])]
  const lacking = needed.filter((privilege) => !grants.may(privilege, functionSchema))
  if (lacking.length > 0) {
    obstacles.push(
      `the user may not make functions in ${functionSchema}: GRANT ${lacking.join(', ')} ON ${quoteIdentifier(functionSchema)}.*`,
    )
  }
  if (r.boolean('logs') && !r.boolean('trusts') && !grants.may('SUPER', '')) {
    obstacles.push(
      'the server writes a binary log and lets only SUPER make triggers: SET PERSIST log_bin_trust_function_creators = 1 (MariaDB: SET GLOBAL, and in the configuration)',
    )
  }
  return [...obstacles, ...lackingDdlHold(grants, ddlPrivilege)]
}

/** What the account lacks to hold DDL back; nothing where no privilege is asked for. */
export function lackingDdlHold(grants: Grants, privilege: string | undefined): readonly string[] {
  if (privilege === undefined || grants.may(privilege, '')) return []
  return [`the user may not hold DDL back, as holdDdl asks: GRANT ${privilege} ON *.*`]
}

const selectSettings = `SELECT @@global.log_bin AS logs, @@global.log_bin_trust_function_creators AS trusts,
  @@global.automatic_sp_privileges AS grants_routines`
