import { describe, expect, test } from 'vitest'
import { outcomeOf } from '../../src/dialects/sqlite/errors.ts'
import { livenessOf, ownMark, type ProcessMark } from '../../src/dialects/sqlite/process-mark.ts'

describe('whether the process of a node still runs', () => {
  const own: ProcessMark = { host: 'here', pid: 7, pidSpace: 'pid:[1]', startedAtMs: 1_000_000 }
  const judge = (changes: Partial<ProcessMark>, isRunning = true): string =>
    livenessOf({ ...own, ...changes }, own, () => isRunning)

  test('is asked of the system for another process of this host', () => {
    expect(judge({ pid: 8 })).toBe('running')
    expect(judge({ pid: 8 }, false)).toBe('gone')
  })

  test('is unknown for another host or container (catches a pid that is looked up in the wrong one)', () => {
    expect(judge({ host: 'there' }, false)).toBe('unknown')
    expect(judge({ pidSpace: 'pid:[2]' }, false)).toBe('unknown')
  })

  test('tells this process from one that had its pid before', () => {
    expect(judge({ startedAtMs: own.startedAtMs + 900 })).toBe('running')
    expect(judge({ startedAtMs: own.startedAtMs - 60_000 })).toBe('gone')
  })

  test('is true of this process by its own mark', () => {
    expect(livenessOf(ownMark(), ownMark())).toBe('running')
  })
})

describe('an error of a guarded statement', () => {
  const coded = (code: string): Error => Object.assign(new Error('x'), { code })

  test('with a result code is an answer that leaves a transaction open', () => {
    expect(outcomeOf(coded('SQLITE_BUSY'))).toBe('unchanged')
    expect(outcomeOf({ driverError: coded('SQLITE_CONSTRAINT_FOREIGNKEY') })).toBe('unchanged')
    expect(outcomeOf({ cause: { originalCode: 'SQLITE_FULL' } })).toBe('unchanged')
  })

  test('of the driver itself comes before anything is run; all others tell nothing', () => {
    expect(outcomeOf(new TypeError('The database connection is not open'))).toBe('answered')
    expect(outcomeOf(new RangeError('Too few parameter values were provided'))).toBe('answered')
    expect(outcomeOf(new Error('timeout'))).toBe('unknown')
  })
})
