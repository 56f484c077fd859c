import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isReadOnlyError } from '@quiesce/core/adapter'
import { expect, test } from 'vitest'
import { carryGate } from '../../core/src/cluster/gate-access.ts'
import type { SqlDriverAdapterFactoryLike, SqlDriverAdapterLike } from '../src/driver-adapter.ts'
import { guardAdapter } from '../src/guard-adapter.ts'
import { guardMarkOf } from '../src/guard-mark.ts'
import { createFakeGate } from './fake-gate.ts'

/** A factory of a driver with private state, as the real ones have. */
class FakeFactory implements SqlDriverAdapterFactoryLike {
  readonly provider = 'postgres'
  readonly adapterName = 'fake'
  readonly calls: string[] = []
  readonly #schemaName = 'app'
  error: unknown

  async connect(): Promise<SqlDriverAdapterLike> {
    const call = async (name: string): Promise<number> => {
      this.calls.push(name)
      if (this.error !== undefined) throw this.error
      return 1
    }
    return {
      provider: this.provider,
      adapterName: this.adapterName,
      queryRaw: ({ sql }) => call(sql),
      executeRaw: ({ sql }) => call(sql),
      executeScript: async (script) => void (await call(script)),
      startTransaction: async (isolationLevel) => {
        await call(`BEGIN ${isolationLevel}`)
        return {
          provider: this.provider,
          adapterName: this.adapterName,
          options: { usePhantomQuery: false },
          queryRaw: ({ sql }) => call(sql),
          executeRaw: ({ sql }) => call(sql),
          commit: async () => void (await call('commit()')),
          rollback: async () => void (await call('rollback()')),
        }
      },
      getConnectionInfo: () => ({ schemaName: this.#schemaName }),
      dispose: async () => void (await call('dispose()')),
    }
  }
}

class MigrationFactory extends FakeFactory {
  async connectToShadowDb(): Promise<SqlDriverAdapterLike> {
    return this.connect()
  }
}

function setUp<F extends FakeFactory>(factory: F) {
  const gate = createFakeGate()
  return { gate, factory, guarded: guardAdapter(carryGate({}, gate), factory) }
}

test('every way to send a statement passes the gate', async () => {
  const { gate, factory, guarded } = setUp(new FakeFactory())
  const adapter = await guarded.connect()
  gate.refusing = true
  await expect(adapter.queryRaw({ sql: 'a' })).rejects.toSatisfy(isReadOnlyError)
  await expect(adapter.executeRaw({ sql: 'b' })).rejects.toSatisfy(isReadOnlyError)
  await expect(adapter.executeScript('c')).rejects.toSatisfy(isReadOnlyError)
  expect(factory.calls).toEqual([])
  gate.refusing = false
  await adapter.queryRaw({ sql: 'a' })
  expect(factory.calls).toEqual(['a'])
})

test('what the adapter tells of itself and takes is passed on', async () => {
  const { factory, guarded } = setUp(new FakeFactory())
  const adapter = await guarded.connect()
  expect([guarded.provider, guarded.adapterName, adapter.provider]).toEqual(['postgres', 'fake', 'postgres'])
  expect(adapter.getConnectionInfo?.()).toEqual({ schemaName: 'app' })
  await adapter.startTransaction('SERIALIZABLE')
  expect(factory.calls).toEqual(['BEGIN SERIALIZABLE'])
})

test('dispose rolls open transactions back first, and leaves those alone that are over', async () => {
  const { factory, guarded } = setUp(new FakeFactory())
  const adapter = await guarded.connect()
  const over = await adapter.startTransaction()
  await over.executeRaw({ sql: 'COMMIT' })
  await over.commit()
  await adapter.startTransaction()
  factory.calls.splice(0)
  await adapter.dispose()
  expect(factory.calls).toEqual(['ROLLBACK', 'rollback()', 'dispose()'])
})

test('an adapter keeps nothing of a transaction that is over', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  const adapter = await setUp(new FakeFactory()).guarded.connect()
  const begun = async (): Promise<WeakRef<object>> => {
    const transaction = await adapter.startTransaction()
    await transaction.rollback()
    return new WeakRef(transaction)
  }
  const over = await begun()
  const isCollected = (): boolean => {
    collectGarbage()
    return over.deref() === undefined
  }
  await expect.poll(isCollected).toBe(true)
  await adapter.dispose()
})

test('a shadow database is there only where the factory has one, and is not guarded', async () => {
  expect('connectToShadowDb' in setUp(new FakeFactory()).guarded).toBe(false)
  const { gate, guarded } = setUp(new MigrationFactory())
  gate.refusing = true
  const shadow = await guarded.connectToShadowDb()
  expect(await shadow.executeRaw({ sql: 'CREATE TABLE a ()' })).toBe(1)
})

test('the mark tells the gate, and the schema once connected', async () => {
  const { gate, guarded } = setUp(new FakeFactory())
  expect(guardMarkOf(guarded)).toMatchObject({ gate, connected: false, schemaName: undefined })
  await guarded.connect()
  expect(guardMarkOf(guarded)).toMatchObject({ connected: true, schemaName: 'app' })
  expect(guardMarkOf(new FakeFactory())).toBeUndefined()
})

test('an error of the driver arrives as it is, and the gate judges it', async () => {
  const { gate, factory, guarded } = setUp(new FakeFactory())
  const adapter = await guarded.connect()
  factory.error = new Error('connection reset')
  await expect(adapter.executeRaw({ sql: 'a' })).rejects.toBe(factory.error)
  expect(gate.log).toEqual(['a unknown'])
})

test.each(['DatabaseNotReachable', 'TlsConnectionError', 'UnsupportedNativeDataType'])(
  'after %s nothing is alive in the server',
  async (kind) => {
    const { gate, factory, guarded } = setUp(new FakeFactory())
    const adapter = await guarded.connect()
    factory.error = new Error('of the adapter', { cause: { kind } })
    await adapter.executeRaw({ sql: 'a' }).catch(() => {})
    expect(gate.log).toEqual(['a answered'])
  },
)

test('a write that comes before the node has joined waits for it', async () => {
  const { gate, factory, guarded } = setUp(new FakeFactory())
  const adapter = await guarded.connect()
  let join = (): void => {}
  gate.mode = 'starting'
  gate.whenReady = () =>
    new Promise((resolve) => {
      join = resolve
    })
  const sent = adapter.executeRaw({ sql: 'a' })
  expect(factory.calls).toEqual([])
  join()
  expect(await sent).toBe(1)
})
