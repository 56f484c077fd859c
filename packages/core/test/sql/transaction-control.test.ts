import { describe, expect, it } from 'vitest'
import { transactionControl } from '../../src/sql/transaction-control.ts'

describe('transactionControl', () => {
  it.each([
    ['BEGIN', 'begin'],
    ['begin;', 'begin'],
    [' \n\tBegin  ; ', 'begin'],
    ['BEGIN IMMEDIATE', 'begin'],
    ['BEGIN ISOLATION LEVEL SERIALIZABLE', 'begin'],
    ['START TRANSACTION', 'begin'],
    ['start  transaction read only', 'begin'],
    ['/* trace=1 */ BEGIN', 'begin'],
    ['-- x\nBEGIN', 'begin'],
    ['# x\nBEGIN', 'begin'],
    ['/* a /* b */ */ BEGIN', 'begin'],
    ['/*! BEGIN */', 'begin'],
    ['BEGIN /* trace=1 */', 'begin'],
    [';BEGIN', 'begin'],
    ['COMMIT', 'commit'],
    ['COMMIT;', 'commit'],
    ['COMMIT WORK', 'commit'],
    ['COMMIT AND CHAIN', 'commit'],
    ['END', 'commit'],
    ['end transaction', 'commit'],
    ['ROLLBACK', 'rollback'],
    ['rollback transaction;', 'rollback'],
    ['ABORT', 'rollback'],
    ["ROLLBACK PREPARED 'x'", 'rollback'],
    ['SAVEPOINT typeorm_1', 'savepoint'],
    ['SAVEPOINT `a b`', 'savepoint'],
    ['RELEASE SAVEPOINT typeorm_1', 'release'],
    ['release "x"', 'release'],
    ['ROLLBACK TO SAVEPOINT typeorm_1', 'rollback-to'],
    ['ROLLBACK TRANSACTION TO x', 'rollback-to'],
    ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED', 'set-transaction'],
    ['SET autocommit = 0', 'begin'],
    ['set session autocommit = ON', 'commit'],
    ["PREPARE TRANSACTION 'x'", 'prepare-transaction'],
    ["COMMIT PREPARED 'x'", 'commit-prepared'],
  ])('sees %j, or else an open transaction is not drained', (sql, expected) => {
    expect(transactionControl(sql)).toBe(expected)
  })

  it.each([
    '',
    ';',
    'SELECT 1',
    'SET search_path = x',
    'SET autocommit = @old',
    'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
    'BEGINNING',
    'BEGIN; DELETE FROM card',
    'COMMIT; BEGIN',
    'BEGIN NOT ATOMIC SELECT 1; END',
    'commit_log',
    'PREPARE x AS SELECT 1',
    'RELEASE',
    'SAVEPOINT',
    'ENDED',
    'START REPLICA',
    '/* BEGIN',
    '/* BEGIN */ SELECT 1',
    `SELECT '${'x'.repeat(10_000)}'`,
    `BEGIN; ${'x'.repeat(10_000)}`,
  ])('takes %j for none, or else a write hides behind it', (sql) => {
    expect(transactionControl(sql)).toBeUndefined()
  })
})
