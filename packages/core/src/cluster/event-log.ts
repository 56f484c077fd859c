import type { Clock } from '../domain/clock.ts'
import type { Logger } from '../domain/logger.ts'
import type { EventHub, UnguardedWrite } from './events.ts'
import { createLineLimit } from './line-limit.ts'

/** How often one table may make a line. */
const TABLE_LINE_MS = 10_000

/**
 * Writes the life of freezes, locks and leases to a logger, one structured line an event; refused and unguarded writes
 * at most once per table in ten seconds, with how many were left out. Never the text or the values of a statement.
 */
export function logEvents(events: EventHub, logger: Logger, clock: Clock): void {
  logFreezes(events, logger)
  logLocks(events, logger)
  logNode(events, logger)
  logWrites(events, logger, clock)
}

function logFreezes(events: EventHub, logger: Logger): void {
  events.on('freezing', (event) => logger.info(event, 'a freeze begins'))
  events.on('frozen', (event) => logger.info(event, 'the cluster is read-only'))
  events.on('thawed', (event) => logger.info(event, 'a freeze was ended'))
  events.on('freeze-failed', ({ error, ...event }) =>
    logger.warn({ ...event, err: error }, 'a freeze failed and was undone'),
  )
  events.on('freeze-lost', (event) =>
    logger.error(event, 'a freeze is lost: stop the work that relies on it; writes may be back'),
  )
  events.on('fence', (event) => logger.debug(event, 'a fence is being raised or lowered'))
  events.on('takeover', (event) => logger.warn(event, 'took over freezes whose holder or deadline ran out'))
}

function logLocks(events: EventHub, logger: Logger): void {
  events.on('lock-acquired', (event) => {
    if (event.takenOverFrom === undefined) logger.debug(event, 'a lock was taken')
    else logger.warn(event, 'a lock was taken over from a node whose lease ran out')
  })
  events.on('lock-released', (event) => logger.debug(event, 'a lock was given back'))
  events.on('lock-failed', ({ error, ...event }) => logger.info({ ...event, err: error }, 'a lock was not given'))
  events.on('lock-lost', (event) => logger.error(event, 'a lock is lost: stop the work that relies on it'))
}

function logNode(events: EventHub, logger: Logger): void {
  events.on('mode', (event) => logger.info(event, 'the mode of this node changed'))
  events.on('acked', (event) => logger.debug(event, 'this node has nothing in flight'))
  events.on('lease-lost', (event) => logger.warn(event, 'this node could not renew its lease and refuses writes'))
  events.on('state-lost', (event) => logger.error(event, 'the state of the cluster is lost; writes are refused'))
  events.on('alert', ({ severity, kind, message, data }) => {
    const level = ({ critical: 'error', warning: 'warn', info: 'info' } as const)[severity]
    logger[level]({ kind, ...data }, message)
  })
  events.on('warning', ({ message, error }) => logger.warn(error === undefined ? {} : { err: error }, message))
}

function logWrites(events: EventHub, logger: Logger, clock: Clock): void {
  const refused = createLineLimit(clock, TABLE_LINE_MS)
  const unguarded = createLineLimit(clock, TABLE_LINE_MS)
  events.on('refused', ({ table, model, columns, fields, operation, because, freezeId, epoch }) => {
    const leftOut = refused.leftOut(table ?? model ?? operation)
    if (leftOut === undefined) return
    logger.warn({ table, model, columns, fields, operation, because, freezeId, epoch, leftOut }, 'a write was refused')
  })
  events.on('unguarded', (event: UnguardedWrite) => {
    const leftOut = unguarded.leftOut(`${event.table} ${event.callSite}`)
    if (leftOut !== undefined) logger.warn({ ...event, leftOut }, 'a write was sent that no guard had been asked about')
  })
  events.on('mode', ({ mode }) => {
    if (mode !== 'read-write') return
    const leftOut = refused.flush()
    if (leftOut > 0) logger.info({ leftOut }, 'more writes were refused than were told of')
  })
}
