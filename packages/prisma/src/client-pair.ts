import type { Gate } from '@quiesce/core/adapter'

/**
 * One client that behaves as `plain` while writes are admitted and as `hooked` while they are not, so that read-write
 * mode pays for no hook.
 *
 * Models and transactions taken before a flip stay what they were; their statements are decided all the same.
 */
export function createClientPair<C extends object>(gate: Gate, plain: C, hooked: C): C {
  const members = { plain: boundMembers(plain), hooked: boundMembers(hooked) }
  const pair: C = new Proxy(plain, {
    get(_target, name) {
      if (name === '$extends') return extend
      const isHooked = gate.mode !== 'read-write' && gate.mode !== 'starting' && !isOfPlain(name)
      return isHooked ? members.hooked(name) : members.plain(name)
    },
  })
  const extend = (extension: unknown): unknown => {
    if (typeof extension === 'function') return extension(pair)
    return createClientPair(gate, extended(plain, extension), extended(hooked, extension))
  }
  return pair
}

/** An extended client has no `$on`, and a proxy may not replace the fixed private members of its target. */
function isOfPlain(name: PropertyKey): boolean {
  return name === '$on' || (typeof name === 'string' && name.startsWith('_'))
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
