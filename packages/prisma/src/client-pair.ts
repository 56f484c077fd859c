import { inspect } from 'node:util'
import { type Gate, heardMode } from '@quiesce/core/adapter'

/**
 * One client that behaves as `plain` while writes are admitted and as `hooked` while they are not, so that read-write
 * mode pays for no hook.
 *
 * Models and transactions taken before a flip stay what they were; their statements are decided all the same.
 */
export function createClientPair<C extends object>(gate: Gate, plain: C, hooked: C): C {
  const heard = heardMode(gate)
  const members = { plain: boundMembers(plain), hooked: boundMembers(hooked) }
  const pair = forwardTo(plain, (name) => {
    if (name === '$extends') return extend
    const isHooked = !heard.isReadWrite && !gate.isStarting && !isOfPlain(name)
    return isHooked ? members.hooked(name) : members.plain(name)
  })
  const extend = (extension: unknown): unknown => {
    if (typeof extension === 'function') return extension(pair)
    return createClientPair(gate, extended(plain, extension), extended(hooked, extension))
  }
  return pair
}

/** An extended client has no `$on`, and its private members are its own. */
function isOfPlain(name: PropertyKey): boolean {
  return name === '$on' || (typeof name === 'string' && name.startsWith('_'))
}

/**
 * A proxy that is like `client` but for the members that `get` reads.
 *
 * The client is not its target: behind each read, a proxy looks its target's property up as well, and clients are proxies
 * themselves, for which that takes longer than the read (measured: 4 us of an operation, against 0.3).
 */
function forwardTo<C extends object>(client: C, get: (name: PropertyKey) => unknown): C {
  const target = { [inspect.custom]: () => client } as unknown as C
  return new Proxy(target, {
    get: (_target, name) => get(name),
    set: (_target, name, value) => Reflect.set(client, name, value),
    has: (_target, name) => Reflect.has(client, name),
    deleteProperty: (_target, name) => Reflect.deleteProperty(client, name),
    ownKeys: () => Reflect.ownKeys(client),
    getPrototypeOf: () => Reflect.getPrototypeOf(client),
    setPrototypeOf: (_target, prototype) => Reflect.setPrototypeOf(client, prototype),
    defineProperty: (_target, name, descriptor) => Reflect.defineProperty(client, name, descriptor),
    getOwnPropertyDescriptor(_target, name) {
      const descriptor = Reflect.getOwnPropertyDescriptor(client, name)
      // What its target doesn't have, a proxy may not call fixed.
      return descriptor && { ...descriptor, configurable: true }
    },
  })
}

/** Reads members of a client with its methods bound to it, each bound once. */
function boundMembers(client: object): (name: PropertyKey) => unknown {
  const bound = new WeakMap<object, unknown>()
  return (name) => {
    const member: unknown = Reflect.get(client, name, client)
    if (typeof member !== 'function' || name === 'constructor') return member
    const known = bound.get(member)
    if (known !== undefined) return known
    const method: unknown = member.bind(client)
    bound.set(member, method)
    return method
  }
}

function extended(client: object, extension: unknown): object {
  return (client as { $extends(extension: unknown): object }).$extends(extension)
}
