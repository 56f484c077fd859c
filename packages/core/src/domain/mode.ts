/** What the cluster allows: everything, only what was admitted before a freeze, or reads and exempt writes. */
export type Mode = 'read-write' | 'draining' | 'read-only'

/** The phases of one freeze: nodes are being asked, or all of them have answered. */
export type FreezePhase = 'draining' | 'read-only'

/** The cluster's mode follows from its active freezes: read-only while any is complete, draining while any is young. */
export function modeOf(freezes: readonly { readonly phase: FreezePhase }[]): Mode {
  if (freezes.length === 0) return 'read-write'
  return freezes.some(({ phase }) => phase === 'read-only') ? 'read-only' : 'draining'
}
