import type { Snapshot } from './snapshot.ts'
import type { Token } from './token.ts'

/** Whether a state has to be applied again after the one that was applied last. */
export function hasChanged(now: Snapshot, last: Snapshot | undefined): boolean {
  return last === undefined || !sameToken(now.token, last.token) || !sameEnds(now, last)
}

function sameToken(a: Token, b: Token): boolean {
  return a.epoch === b.epoch && a.nonce === b.nonce && a.database === b.database
}

/** Moving the end that clients are told changes no token. */
function sameEnds(a: Snapshot, b: Snapshot): boolean {
  return a.freezes.every(({ id, expectedEnd }) => {
    const before = b.freezes.find((freeze) => freeze.id === id)
    return before === undefined || before.expectedEnd?.getTime() === expectedEnd?.getTime()
  })
}
