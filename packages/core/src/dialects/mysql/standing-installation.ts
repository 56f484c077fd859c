import { createHash } from 'node:crypto'
import type { FenceStep } from '../../domain/fence.ts'
import { installationError } from '../../domain/fence-error.ts'
import type { TableChange } from '../../domain/standing-backend.ts'
import { readRow } from '../row.ts'
import { columnsOf, showEveryColumn } from './fence-catalog.ts'
import { type FenceSession, type FenceSessions, unlessGone, writingDown } from './fence-session.ts'
import { qualified } from './fence-triggers.ts'
import { quoteLiteral } from './names.ts'
import type { ServerLanguage } from './server.ts'
import { judge, look } from './standing-function.ts'
import type { StandingNames } from './standing-names.ts'
import { changeRow, createTable, readState, type StandingState, updateRow } from './standing-state.ts'
import { type InstalledTrigger, standingTriggers, triggersInCatalog } from './standing-triggers.ts'

/** What the installation of a standing fence works with. */
export interface InstallationContext {
  readonly sessions: FenceSessions
  readonly names: StandingNames
  readonly language: ServerLanguage
  /** The ids of the freezes that are active. */
  readonly activeFreezes: () => Promise<ReadonlySet<string>>
}

/** Makes the table, the row and the functions, and takes the fence out of use. @throws While a freeze uses it. */
export async function beginInstallation(context: InstallationContext, lockWaitMs: number): Promise<FenceStep> {
  const { sessions, names, language } = context
  return alone(context, lockWaitMs, async (one) => {
    await makeShared(one, context)
    return changeRow(sessions, language, names, lockWaitMs, async (state) => {
      await refuseWhileUsed(context, state)
      return { installed: false, entries: [] }
    })
  })
}

/** The table, the row, and the functions that are missing. */
async function makeShared(one: FenceSession, { names, language }: InstallationContext): Promise<void> {
  await one.alter(createTable(names, language))
  const there = await functionsOf(one, names)
  for (const { name, create } of [judge(names), look(names)]) if (!there.includes(name)) await one.alter(create)
  const row = `${names.row}, ${quoteLiteral(names.namespace)}, 0, '[]'`
  await one.alter(`INSERT IGNORE INTO ${names.table} (id, namespace, installed, raised) VALUES (${row})`)
}

/** Puts the fence into use, and removes the functions that no trigger asks any more. */
export async function completeInstallation(context: InstallationContext, lockWaitMs: number): Promise<FenceStep> {
  const { sessions, names, language } = context
  return alone(context, lockWaitMs, async (one) => {
    const step = await changeRow(sessions, language, names, lockWaitMs, async (state) => {
      // Somebody else has removed it meanwhile.
      if (state === undefined) throw inUse()
      return { ...state, installed: true }
    })
    if (step === 'busy') return step
    await dropOldFunctions(one, names)
    return step
  })
}

async function dropOldFunctions(one: FenceSession, names: StandingNames): Promise<void> {
  const current = [judge(names).name, look(names).name]
  for (const name of await functionsOf(one, names)) if (!current.includes(name)) await dropFunction(one, names, name)
}

/**
 * Makes and removes the triggers of some tables; tables that are gone have none. Refused when somebody else has put the
 * fence into use meanwhile: a freeze may count on its triggers.
 */
export async function changeTables(
  context: InstallationContext,
  changes: readonly TableChange[],
  lockWaitMs: number,
): Promise<FenceStep> {
  const { names } = context
  return alone(context, lockWaitMs, async (one) => {
    const state = await readState(one, names)
    if (typeof state !== 'object' || state.installed) throw inUse()
    await showEveryColumn(one)
    const triggers = await triggersInCatalog(one, names)
    for (const change of changes) await unlessGone(() => changeTable(one, names, triggers, change))
    return 'done'
  })
}

async function changeTable(
  one: FenceSession,
  names: StandingNames,
  triggers: readonly InstalledTrigger[],
  change: TableChange,
): Promise<void> {
  const { schema, table, refuse } = change
  const there = triggers.filter((trigger) => trigger.schema === schema && trigger.table === table)
  const columns = await columnsOf(one, change)
  const wanted = refuse === undefined ? [] : standingTriggers(names, { schema, table }, refuse, columns)
  for (const { name, condition, create } of wanted) {
    const found = there.find((trigger) => trigger.name === name)
    if (found !== undefined && (condition === undefined || found.isLast)) continue
    if (found !== undefined) await one.alter(dropTrigger(schema, name))
    await one.alter(create)
  }
  for (const { name } of there)
    if (!wanted.some((trigger) => trigger.name === name)) await one.alter(dropTrigger(schema, name))
}

/** Removes the functions, which no trigger may ask any more, the row, and the table of the last namespace. */
export async function uninstall(context: InstallationContext, lockWaitMs: number): Promise<FenceStep> {
  const { names } = context
  return alone(context, lockWaitMs, async (one) => {
    if ((await triggersInCatalog(one, names)).length > 0) return 'busy'
    for (const name of await functionsOf(one, names)) await dropFunction(one, names, name)
    await unlessGone(() => removeRow(one, context, lockWaitMs))
    return 'done'
  })
}

async function removeRow(
  one: FenceSession,
  { names, language }: InstallationContext,
  lockWaitMs: number,
): Promise<void> {
  const { table, row } = names
  await one.execute('START TRANSACTION')
  await one.execute(language.bounded(`SELECT id FROM ${table} WHERE id = ${row} FOR UPDATE`, lockWaitMs))
  await one.execute(deleteRow(names))
  await one.execute('COMMIT')
  if ((await one.execute(`SELECT 1 FROM ${table} LIMIT 1`)).rows.length === 0) await one.alter(dropTable(names))
}

function deleteRow({ table, row }: StandingNames): string {
  return `DELETE FROM ${table} WHERE id = ${row}`
}

/** What an installation or removal would send now: its own work, with what it alters written down. */
export function changeScript(
  context: InstallationContext,
  changes: readonly TableChange[],
  end: 'complete' | 'uninstall',
): Promise<readonly string[]> {
  const { sessions, names } = context
  return sessions.run(SCRIPT_WAIT_MS, async (session) => {
    const statements: string[] = []
    const one = writingDown(session, statements)
    await makeShared(one, context)
    await showEveryColumn(one)
    const triggers = await triggersInCatalog(one, names)
    for (const change of changes) await unlessGone(() => changeTable(one, names, triggers, change))
    if (end === 'complete') {
      await one.alter(updateRow(names).replace('?', '1').replace('?', "'[]'"))
      await dropOldFunctions(one, names)
    } else {
      for (const name of await functionsOf(one, names)) await dropFunction(one, names, name)
      await one.alter(deleteRow(names))
      const others = await one.execute(`SELECT 1 FROM ${names.table} WHERE id <> ${names.row} LIMIT 1`)
      if (others.rows.length === 0) await one.alter(dropTable(names))
    }
    return statements
  })
}

const SCRIPT_WAIT_MS = 2000

function dropTable({ table }: StandingNames): string {
  return `DROP TABLE ${table}`
}

/** One at a time for all namespaces of the coordination tables: DDL commits by itself, so no transaction can do it. */
async function alone(
  { sessions, names }: InstallationContext,
  lockWaitMs: number,
  work: (one: FenceSession) => Promise<FenceStep>,
): Promise<FenceStep> {
  // Names of such locks are the whole server's, and no longer than 64 characters.
  const lock = `quiesce ${createHash('sha256').update(names.table).digest('hex').slice(0, 48)}`
  return sessions.attempt(lockWaitMs, async (one) => {
    const [row = {}] = (await one.execute('SELECT GET_LOCK(?, 0) AS got', [lock])).rows
    // It ends with the session.
    return readRow(row).optionalNumber('got') === 1 ? work(one) : 'busy'
  })
}

async function refuseWhileUsed(
  { activeFreezes }: InstallationContext,
  state: StandingState | undefined,
): Promise<void> {
  if (state === undefined || state.entries.length === 0) return
  const active = await activeFreezes()
  if (state.entries.some(({ freeze }) => active.has(freeze))) throw inUse()
}

function inUse(): Error {
  return installationError('changed', ['a freeze uses it, or another process has just finished changing it'])
}

async function functionsOf(one: FenceSession, { schema, name }: StandingNames): Promise<readonly string[]> {
  const sql = `SELECT ROUTINE_NAME AS name FROM information_schema.ROUTINES
    WHERE ROUTINE_SCHEMA = ? AND ROUTINE_TYPE = 'FUNCTION' AND LEFT(ROUTINE_NAME, ?) = ?`
  const { rows } = await one.execute(sql, [schema, name.length + 1, `${name}_`])
  return rows.map((row) => readRow(row).text('name'))
}

async function dropFunction(one: FenceSession, { schema }: StandingNames, name: string): Promise<void> {
  await one.alter(`DROP FUNCTION IF EXISTS ${qualified(schema, name)}`)
}

function dropTrigger(schema: string, name: string): string {
  return `DROP TRIGGER IF EXISTS ${qualified(schema, name)}`
}
