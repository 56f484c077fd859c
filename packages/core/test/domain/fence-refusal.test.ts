import { expect, test } from 'vitest'
import { readRefusal, refusalMessage } from '../../src/domain/fence-refusal.ts'

const freezeId = '558b95eb-f465-4df6-a53a-e074522c0b91'
const message = refusalMessage({ freezeId, reason: 'move (to eu)' })
const detail = 'UPDATE on public.owner was refused by the database itself.'
const whole = { freezeId, reason: 'move (to eu)', operation: 'update', table: 'public.owner' }

test.each([
  ['node-postgres', Object.assign(new Error(message), { detail })],
  ['TypeORM', Object.assign(new Error(message), { driverError: { message, detail } })],
  ['Prisma’s adapter, which wraps it with the same message', new Error(message, { cause: { message, detail } })],
])('a refusal tells operation and table: %s', (_name, error) => {
  expect(readRefusal(error)).toEqual(whole)
})

test('a refusal without detail is one all the same, and no other error is', () => {
  expect(readRefusal(new Error(message))).toEqual({ freezeId, reason: 'move (to eu)' })
  expect(readRefusal(Object.assign(new Error('permission denied'), { detail }))).toBeUndefined()
  expect(readRefusal('text')).toBeUndefined()
})
