import type { Cluster } from '@quiesce/core'
import { readOnlyAction, readOnlyProxy } from '@quiesce/http/next'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { calmOptions } from './calm-options.ts'

let database: TestDatabase
let cluster: Cluster

beforeAll(async () => {
  database = await testDatabase('http_next')
  cluster = database.cluster(calmOptions)
  await cluster.start()
})
afterAll(() => database?.drop())

test('an action that is refused, at the door or below, returns the problem; what else it throws leaves it', async () => {
  let isCalled = false
  const create = readOnlyAction(cluster, async (name: string) => {
    isCalled = true
    return { name }
  })
  const log: unknown[] = []
  const logger = { debug() {}, info() {}, warn: (about: unknown) => log.push(about), error() {} }
  // It passes the door, and is refused below.
  const mail = readOnlyAction(cluster, async () => cluster.assertWritable('a mail'), { reportOnly: true, logger })
  const redirect = readOnlyAction(cluster, () => Promise.reject(new Error('NEXT_REDIRECT')), {
    reportOnly: true,
    logger,
  })

  expect(await create('a')).toEqual({ name: 'a' })
  expect(await mail()).toBeUndefined()
  const freeze = await cluster.freeze({ reason: 'a secret' })
  isCalled = false
  const problem = expect.objectContaining({ status: 403, code: 'QUIESCE_READ_ONLY', freezeId: freeze.id })
  const refused = await create('b')
  expect([refused, isCalled]).toEqual([{ readOnly: problem }, false])
  expect(JSON.stringify(refused)).not.toContain('a secret')
  expect(await mail()).toEqual({ readOnly: problem })
  expect(log).toEqual([expect.objectContaining({ operation: 'server action' })])
  await expect(redirect()).rejects.toThrow('NEXT_REDIRECT')
  await freeze.thaw()
})

test('the proxy refuses writes, and leaves calls of server actions to their wrapper', async () => {
  const proxy = readOnlyProxy(cluster)
  const request = (init: RequestInit): Request => new Request('http://localhost/orders', init)
  expect(proxy(request({ method: 'POST' }))).toBeUndefined()
  const freeze = await cluster.freeze({ reason: 'the move' })
  expect(proxy(request({ method: 'POST' }))?.status).toBe(403)
  expect(proxy(request({ method: 'POST', headers: { 'next-action': '7f' } }))).toBeUndefined()
  // Next calls no action for other methods.
  expect(proxy(request({ method: 'PUT', headers: { 'next-action': '7f' } }))?.status).toBe(403)
  expect(proxy(request({}))).toBeUndefined()
  await freeze.thaw()
})
