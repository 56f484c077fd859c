import { z } from 'zod'
import type { Statements } from '../../domain/executor.ts'
import type { RefusedEvents, TableRef } from '../../domain/fence.ts'
import { readRow } from '../row.ts'
import type { TableColumn } from './fence-columns.ts'
import { createTrigger, type FenceTrigger, fenceTriggers, refuseUnless } from './fence-triggers.ts'
import { isOpen, judge, MISSING, selectStandingTriggers } from './standing-function.ts'
import type { StandingNames } from './standing-names.ts'

/** A trigger that is to be made. */
export interface StandingTrigger extends FenceTrigger {
  readonly create: string
}

/** The triggers that refuse these events on a table while the cluster is frozen. */
export function standingTriggers(
  names: StandingNames,
  table: TableRef,
  refuse: RefusedEvents,
  columns: readonly TableColumn[],
): readonly StandingTrigger[] {
  const { called } = judge(names)
  const judgement = `
  IF NOT (${isOpen(names)}) THEN${refuseUnless(called, MISSING)};
  END IF`
  return fenceTriggers(names.name, table, refuse, columns, judgement).map((trigger) => ({
    ...trigger,
    create: createTrigger(trigger, judgement),
  }))
}

/** A trigger of a standing fence that is there. */
export interface InstalledTrigger extends TableRef {
  readonly name: string
  /** Whether it sees what all other triggers of its event have made of a row. */
  readonly isLast: boolean
}

const listed = z.array(z.tuple([z.string(), z.string(), z.string(), z.string(), z.coerce.number()])).nullable()

/** The triggers of this fence; `select` gives the list as `found`. */
export async function readTriggers(
  one: Statements,
  { name: ours }: StandingNames,
  select: string,
): Promise<readonly InstalledTrigger[]> {
  // MariaDB cuts such lists where other servers do not.
  await one.execute('SET SESSION group_concat_max_len = 1073741824')
  const [row = {}] = (await one.execute(select)).rows
  const found = listed.parse(JSON.parse(readRow(row).optionalText('found') ?? 'null')) ?? []
  const last = new Map<string, number>()
  const keyOf = ([schema, table, , event]: (typeof found)[number]): string => JSON.stringify([schema, table, event])
  for (const trigger of found) {
    // A fence that is made at a freeze comes later, and changes no row.
    if (trigger[2].startsWith('quiesce_') && !trigger[2].startsWith(`${ours}_`)) continue
    last.set(keyOf(trigger), Math.max(last.get(keyOf(trigger)) ?? 0, trigger[4]))
  }
  return found
    .filter(([, , name]) => name.startsWith(`${ours}_`))
    .map((trigger) => ({
      schema: trigger[0],
      table: trigger[1],
      name: trigger[2],
      isLast: last.get(keyOf(trigger)) === trigger[4],
    }))
}

/** The triggers of this fence that an account which may make some sees in the catalog. */
export function triggersInCatalog(one: Statements, names: StandingNames): Promise<readonly InstalledTrigger[]> {
  return readTriggers(one, names, selectStandingTriggers(names))
}
