import { isReadOnlyError } from '@quiesce/core/adapter'
import { describe, expect, test } from 'vitest'
import type { TransactionLike } from '../src/driver-adapter.ts'
import { guardTransaction } from '../src/guarded-transaction.ts'
import { createStatementGuard } from '../src/statement-guard.ts'
import { createFakeGate } from './fake-gate.ts'

/** A transaction of a driver that notes its calls; calls named in `failing` reject. */
function setUp(options: { usePhantomQuery: boolean; failing?: readonly string[]; savepoints?: boolean }) {
  const calls: string[] = []
  const call = async (name: string): Promise<number> => {
    calls.push(name)
    if (options.failing?.includes(name)) throw new Error(`${name} failed`)
    return 1
  }
  const inner: TransactionLike = {
    provider: 'postgres',
    adapterName: 'fake',
    options,
    queryRaw: ({ sql }) => call(sql),
    executeRaw: ({ sql }) => call(sql),
    commit: async () => void (await call('commit()')),
    rollback: async () => void (await call('rollback()')),
    ...(options.savepoints && { createSavepoint: async (name) => void (await call(`savepoint ${name}`)) }),
  }
  const gate = createFakeGate()
  let closed = 0
  const session = gate.openSession()
  session.begin()
  const transaction = guardTransaction(createStatementGuard(gate), session, inner, () => {
    closed += 1
  })
  return { calls, gate, transaction, closed: () => closed }
}

const sql = (text: string) => ({ sql: text, args: [], argTypes: [] })

describe('a driver that is sent COMMIT', () => {
  test('a commit is sent and then the connection is given back', async () => {
    const { calls, gate, transaction, closed } = setUp({ usePhantomQuery: false })
    await transaction.executeRaw(sql('UPDATE a SET b = 1'))
    expect(await transaction.executeRaw(sql('COMMIT'))).toBe(1)
    await transaction.commit()
    expect(calls).toEqual(['UPDATE a SET b = 1', 'COMMIT', 'commit()'])
    expect(gate.log).toEqual(['UPDATE a SET b = 1 answered', 'COMMIT answered', 'committed'])
    expect(closed()).toBe(1)
  })

  test('a refused commit becomes a rollback, and commit() rejects with the refusal', async () => {
    const { calls, gate, transaction, closed } = setUp({ usePhantomQuery: false })
    gate.refusing = true
    expect(await transaction.executeRaw(sql('COMMIT'))).toBe(1)
    await expect(transaction.commit()).rejects.toSatisfy(isReadOnlyError)
    expect(calls).toEqual(['ROLLBACK', 'rollback()'])
    expect(gate.log).toEqual(['ROLLBACK answered', 'rolled back'])
    expect(closed()).toBe(1)
  })

  test('an engine that rolls back once more after a refused commit reaches nothing', async () => {
    const { calls, gate, transaction } = setUp({ usePhantomQuery: false })
    gate.refusing = true
    await transaction.executeRaw(sql('COMMIT'))
    await transaction.commit().catch(() => {})
    expect(await transaction.executeRaw(sql('ROLLBACK'))).toBe(0)
    await transaction.rollback()
    await transaction.commit()
    expect(calls).toEqual(['ROLLBACK', 'rollback()'])
  })

  test('the refusal reaches the caller although the connection is lost', async () => {
    const { gate, transaction } = setUp({ usePhantomQuery: false, failing: ['ROLLBACK', 'rollback()'] })
    gate.refusing = true
    expect(await transaction.executeRaw(sql('COMMIT'))).toBe(0)
    await expect(transaction.commit()).rejects.toSatisfy(isReadOnlyError)
  })

  test('a commit that fails ends the session though nothing is called after it; the connection can be given back', async () => {
    const { calls, gate, transaction, closed } = setUp({ usePhantomQuery: false, failing: ['COMMIT'] })
    await expect(transaction.executeRaw(sql('COMMIT'))).rejects.toThrow('COMMIT failed')
    expect(gate.log).toEqual(['COMMIT unknown', 'committed'])
    expect(closed()).toBe(0)
    await transaction.abandon()
    expect(calls).toEqual(['COMMIT', 'rollback()'])
    expect(closed()).toBe(1)
  })

  test('a connection given back without ROLLBACK has an unknown end', async () => {
    const { gate, transaction } = setUp({ usePhantomQuery: false })
    await transaction.rollback()
    expect(gate.log).toEqual(['unknown end'])
  })

  test('an abandoned transaction is rolled back once', async () => {
    const { calls, transaction } = setUp({ usePhantomQuery: false })
    await transaction.abandon()
    await transaction.abandon()
    expect(calls).toEqual(['ROLLBACK', 'rollback()'])
  })
})

describe('a driver that commits by a call', () => {
  test('a commit passes the gate', async () => {
    const { calls, gate, transaction } = setUp({ usePhantomQuery: true })
    await transaction.commit()
    expect(calls).toEqual(['commit()'])
    expect(gate.log).toEqual(['COMMIT answered', 'committed'])
  })

  test('a refused commit rolls back and rejects', async () => {
    const { calls, gate, transaction } = setUp({ usePhantomQuery: true })
    gate.refusing = true
    await expect(transaction.commit()).rejects.toSatisfy(isReadOnlyError)
    expect(calls).toEqual(['rollback()'])
    expect(gate.log).toEqual(['rolled back'])
  })

  test('a rollback that fails has an unknown end', async () => {
    const { gate, transaction } = setUp({ usePhantomQuery: true, failing: ['rollback()'] })
    await expect(transaction.rollback()).rejects.toThrow('rollback() failed')
    expect(gate.log).toEqual(['unknown end'])
  })
})

test('a refused statement is not sent', async () => {
  const { calls, gate, transaction } = setUp({ usePhantomQuery: false })
  gate.refusing = true
  await expect(transaction.queryRaw(sql('DELETE FROM a RETURNING b'))).rejects.toSatisfy(isReadOnlyError)
  await expect(transaction.executeRaw(sql('DELETE FROM a'))).rejects.toSatisfy(isReadOnlyError)
  expect(calls).toEqual([])
})

test('savepoints are there only where the driver has them', async () => {
  const { calls, transaction } = setUp({ usePhantomQuery: false, savepoints: true })
  await transaction.createSavepoint?.('s1')
  expect(calls).toEqual(['savepoint s1'])
  // Prisma asks for their values.
  expect(transaction.releaseSavepoint).toBeUndefined()
  expect(setUp({ usePhantomQuery: false }).transaction.createSavepoint).toBeUndefined()
})
