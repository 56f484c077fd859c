import { ReadOnlyError } from '@quiesce/core/adapter'
import { describe, expect, it } from 'vitest'
import { attachReadOnly } from '../src/index.ts'
import { createFakeDataSource } from './fake-data-source.ts'
import { createFakeGate } from './fake-gate.ts'

describe('the guard of the result cache', () => {
  const refused = new ReadOnlyError({ operation: 'insert' }, { because: 'lease-lost', status: 403 })
  const cacheOf = (storeInCache: () => Promise<void>, options: object) => {
    const cache = { storeInCache, clear: async () => {}, remove: async () => {} }
    const gate = createFakeGate()
    attachReadOnly(gate.cluster, { ...createFakeDataSource('mysql'), options, queryResultCache: cache })
    return { cache, gate }
  }

  it('lets a read succeed whose result could not be stored because the mode has just changed', async () => {
    const { cache } = cacheOf(() => Promise.reject(refused), { cache: true })
    await expect(cache.storeInCache()).resolves.toBeUndefined()
  })

  it('hides no other failure', async () => {
    const { cache } = cacheOf(() => Promise.reject(new TypeError('full')), { cache: { duration: 1 } })
    await expect(cache.storeInCache()).rejects.toThrow('full')
  })

  it.each([{ cache: { type: 'redis' } }, { cache: { provider: () => ({}) } }])(
    'leaves a cache outside the database alone: %o',
    async (options) => {
      const { cache, gate } = cacheOf(async () => {}, options)
      gate.setMode('read-only')
      await expect(cache.clear()).resolves.toBeUndefined()
    },
  )
})
