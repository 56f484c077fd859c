import { createHash } from 'node:crypto'
import type { FenceSpec, RefusedEvents, TableRef } from '../../domain/fence.ts'
import { refusalMessage } from '../../domain/fence-refusal.ts'
import { isUnchanged, type TableColumn } from './fence-columns.ts'
import { quoteIdentifier, quoteLiteral } from './names.ts'

/** One trigger of a fence. */
export interface FenceTrigger extends TableRef {
  /** Says what it refuses on which table: a trigger that bears the name is this one, whoever made it. */
  readonly name: string
  readonly event: 'INSERT' | 'UPDATE' | 'DELETE'
  /** When a row is refused; `undefined`: always. */
  readonly condition: string | undefined
}

/**
 * The triggers that refuse these events on a table, with names that begin alike, and tell the judgement too where
 * that is not always the same; a TRUNCATE fires none.
 */
export function fenceTriggers(
  beginning: string,
  { schema, table }: TableRef,
  { insert, update, delete: remove }: RefusedEvents,
  columns: readonly TableColumn[],
  judgement?: string,
): readonly FenceTrigger[] {
  const trigger = (event: FenceTrigger['event'], condition?: string): FenceTrigger => ({
    ...{ schema, table, event, condition },
    name: `${beginning}_${hashOf([table, event, condition ?? '', ...(judgement === undefined ? [] : [judgement])])}_${event[0]?.toLowerCase()}`,
  })
  const kept = typeof update === 'boolean' ? [] : columns.filter(({ name }) => update.includes(name))
  return [
    ...(insert ? [trigger('INSERT')] : []),
    ...(update === true ? [trigger('UPDATE')] : []),
    ...(kept.length > 0 ? [trigger('UPDATE', `NOT (${kept.map(isUnchanged).join(' AND ')})`)] : []),
    ...(remove ? [trigger('DELETE')] : []),
  ]
}

/** Trigger names are unique in a schema, so the table is in it. With a mark, the hash and the event 62 of 64 characters. */
function hashOf(what: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 10)
}

/** Makes a trigger, the last one of its event: what other triggers have made of the row is what counts. */
export function createTrigger(trigger: FenceTrigger, judgement: string): string {
  const body =
    trigger.condition === undefined ? judgement : `BEGIN\n  IF ${trigger.condition} THEN${judgement};\n  END IF;\nEND`
  return `CREATE TRIGGER ${qualified(trigger.schema, trigger.name)} BEFORE ${trigger.event} ON ${qualified(trigger.schema, trigger.table)} FOR EACH ROW ${body}`
}

/**
 * Refuses unless the function lets a write pass. Without the function nobody passes: a session that knows it from before
 * gets NULL, another one the error 1305, neither of which may let a write pass.
 */
export function refuseUnless(functionName: string, message: string): string {
  const signal = `SIGNAL ${REFUSAL} SET MYSQL_ERRNO = 1792, MESSAGE_TEXT = ${quoteLiteral(message)}`
  return `
  BEGIN
    DECLARE EXIT HANDLER FOR 1305 ${signal};
    IF NOT (${functionName}() <=> TRUE) THEN ${signal}; END IF;
  END`
}

/** The condition that refusals are signalled with. */
export const REFUSAL = "SQLSTATE '25006'"

const LONGEST_MESSAGE = 128

/** Longer ones are refused by MySQL, in the middle of the refusal; it counts characters of the basic plane. */
export function shortMessage({ freezeId, reason }: Pick<FenceSpec, 'freezeId' | 'reason'>): string {
  const plain = [...reason.replaceAll(/[^\u0020-\ud7ff\ue000-\uffff]+/gu, ' ')]
  const room = LONGEST_MESSAGE - refusalMessage({ freezeId, reason: '' }).length
  const cut = plain.length <= room ? plain.join('') : `${plain.slice(0, room - 1).join('')}…`
  return refusalMessage({ freezeId, reason: cut })
}

/** Quotes a name in a schema. */
export function qualified(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}
