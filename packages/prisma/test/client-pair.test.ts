import { inspect } from 'node:util'
import { expect, test, vi } from 'vitest'
import { createClientPair } from '../src/client-pair.ts'
import { requireGuard } from '../src/require-guard.ts'
import { createFakeGate } from './fake-gate.ts'

/** As little of a client as a pair touches. */
class FakeClient {
  readonly name: string
  readonly card: { readonly of: string }
  readonly #secret = 'private state'

  constructor(name: string) {
    this.name = name
    this.card = { of: name }
  }

  whoAmI(): string {
    return `${this.name} with ${this.#secret}`
  }

  $on(): string {
    return this.name
  }

  $extends(extension: { suffix: string }): FakeClient {
    return new FakeClient(`${this.name}+${extension.suffix}`)
  }
}

function setUp() {
  const gate = createFakeGate()
  return { gate, pair: createClientPair(gate, new FakeClient('plain'), new FakeClient('hooked')) }
}

test('it is the plain client while writes are admitted and the hooked one while they are not', () => {
  const { gate, pair } = setUp()
  const shown = (['starting', 'read-write', 'draining', 'read-only', 'closed'] as const).map((mode) => {
    gate.mode = mode
    return pair.card.of
  })
  expect(shown).toEqual(['plain', 'plain', 'hooked', 'hooked', 'hooked'])
})

test('methods work with private state and stay the same function', () => {
  const { pair } = setUp()
  const { whoAmI } = pair
  expect(whoAmI()).toBe('plain with private state')
  expect(pair.whoAmI).toBe(whoAmI)
  expect(pair).toBeInstanceOf(FakeClient)
})

test('listeners belong to the plain client', () => {
  const { gate, pair } = setUp()
  gate.mode = 'read-only'
  expect(pair.$on()).toBe('plain')
})

test('private members that Prisma fixes can be read in every mode', () => {
  const gate = createFakeGate()
  const fixed = (name: string): FakeClient =>
    Object.defineProperty(new FakeClient(name), '_extensions', { value: name })
  const pair = createClientPair(gate, fixed('plain'), fixed('hooked'))
  gate.mode = 'read-only'
  expect(Reflect.get(pair, '_extensions')).toBe('plain')
})

test('an extension of a pair is a pair of extensions', () => {
  const { gate, pair } = setUp()
  const extended = pair.$extends({ suffix: 'a' }).$extends({ suffix: 'b' })
  expect(extended.name).toBe('plain+a+b')
  gate.mode = 'read-only'
  expect(extended.name).toBe('hooked+a+b')
})

test('an extension that is a function gets the pair, once', () => {
  const { pair } = setUp()
  const seen: unknown[] = []
  const extension = (client: unknown): unknown => seen.push(client)
  pair.$extends(extension as never)
  expect(seen).toEqual([pair])
})

test('a read asks its client for the member and for nothing else', () => {
  const asked: string[] = []
  const client = new Proxy(new FakeClient('plain'), {
    get: (target, name) => {
      asked.push(`get ${String(name)}`)
      return Reflect.get(target, name)
    },
    // Prisma's clients make a new descriptor each time; whoever has one as a proxy's target pays for it at every read.
    getOwnPropertyDescriptor(target, name) {
      asked.push(`describe ${String(name)}`)
      return Reflect.getOwnPropertyDescriptor(target, name)
    },
  })
  expect(createClientPair(createFakeGate(), client, client).card.of).toBe('plain')
  expect(asked).toEqual(['get card'])
})

test('it looks like its client, and what is put on it is put there', () => {
  const client = new FakeClient('plain')
  const pair = createClientPair(createFakeGate(), client, new FakeClient('hooked'))
  expect(inspect(pair)).toBe(inspect(client))
  expect(Object.keys(pair)).toEqual(['name', 'card'])
  expect('whoAmI' in pair).toBe(true)
  const spy = vi.spyOn(pair, 'whoAmI').mockReturnValue('mocked')
  expect([pair.whoAmI(), client.whoAmI()]).toEqual(['mocked', 'mocked'])
  spy.mockRestore()
  expect(pair.whoAmI()).toBe('plain with private state')
  Object.defineProperty(pair, 'added', { value: 1 })
  expect(Reflect.get(client, 'added')).toBe(1)
  Object.setPrototypeOf(pair, { whoAmI: () => 'of another class' })
  expect([pair.whoAmI(), client.whoAmI()]).toEqual(['of another class', 'of another class'])
  expect(Object.getOwnPropertyDescriptor(pair, 'added')).toMatchObject({ value: 1, writable: false })
})

test('a client without a driver adapter is told apart from one whose adapter is not shown', () => {
  const gate = createFakeGate()
  expect(() => requireGuard({ _engineConfig: {} }, gate)).toThrow(/no driver adapter/)
  expect(() => requireGuard({ _engineConfig: { adapter: {} } }, gate)).toThrow(/not guarded/)
  expect(requireGuard({}, gate)).toBeUndefined()
})
