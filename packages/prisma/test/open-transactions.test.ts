import { expect, test } from 'vitest'
import { OpenTransactions } from '../src/open-transactions.ts'
import { createFakeGate } from './fake-gate.ts'

test('a transaction is taken out itself, in whichever order they end, and once (catches one that takes another one with it)', () => {
  const gate = createFakeGate()
  const open = new OpenTransactions()
  const begin = () => open.add(gate.openSession())
  const [first, second, third, fourth] = [begin(), begin(), begin(), begin()]
  const left = (...those: readonly { readonly session: unknown }[]): void =>
    expect(new Set(open.sessions())).toEqual(new Set(those.map(({ session }) => session)))
  open.remove(first)
  open.remove(first)
  left(second, third, fourth)
  open.remove(fourth)
  open.remove(fourth)
  left(second, third)
  open.remove(second)
  left(third)
  expect(open.isEmpty).toBe(false)
  open.remove(third)
  expect(open.isEmpty).toBe(true)
})
