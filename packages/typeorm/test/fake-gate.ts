import { type Gate, type GateMode, gateOf, ReadOnlyError, type Session, type Ticket } from '@quiesce/core/adapter'

/** A gate that admits what does not look like a write, and notes what it was asked. */
export interface FakeGate {
  readonly cluster: object
  /** What happened, in order: `admit UPDATE`, `end answered`, `begin`… */
  readonly log: string[]
  setMode(mode: GateMode): void
}

/** Makes a gate; in every mode but read-write it refuses texts that begin with UPDATE, and COMMIT. */
export function createFakeGate(initial: GateMode = 'read-write'): FakeGate {
  const log: string[] = []
  const listeners = new Set<(mode: GateMode) => void>()
  let mode = initial
  const refuse = (operation: string): ReadOnlyError =>
    new ReadOnlyError({ operation }, { because: 'freeze', status: 403 })
  const ticket: Ticket = { end: (outcome) => log.push(`end ${outcome}`) }
  const admit = (sql: string): Ticket => {
    if (mode !== 'read-write' && /^(UPDATE|COMMIT)/.test(sql)) throw refuse(sql)
    log.push(`admit ${sql}`)
    return ticket
  }
  const session: Session = {
    inTransaction: false,
    aborted: false,
    mayWrite: false,
    admit,
    note: () => undefined,
    begin: () => log.push('begin'),
    admitCommit: () => admit('COMMIT'),
    rolledBack: () => log.push('rolledBack'),
    release: () => log.push('release'),
  }
  const gate: Gate = {
    get mode() {
      return mode
    },
    get isStarting() {
      return mode === 'starting'
    },
    admit,
    note: () => undefined,
    whenReady: async () => {},
    openSession: () => session,
    refusedColumns: () => 'all',
    mentions: () => false,
    refuse: ({ operation }) => refuse(operation),
    refusalIn: () => undefined,
    wearBelt: () => () => {},
    outcomeOf: () => 'unknown',
    onModeChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const cluster = { [Symbol.for('quiesce.gate')]: gate }
  gateOf(cluster)
  return {
    cluster,
    log,
    setMode(next) {
      mode = next
      for (const listener of listeners) listener(next)
    },
  }
}
