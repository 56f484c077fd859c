import type { Gate, GateMode, Outcome, Session } from '@quiesce/core/adapter'
import { ReadOnlyError } from '@quiesce/core/adapter'

/** A gate that does what a test tells it, and notes what it was told. */
export interface FakeGate extends Gate {
  mode: GateMode
  /** Refuses everything but ROLLBACK from now on. */
  refusing: boolean
  readonly log: string[]
}

/** Makes a gate that admits everything. */
export function createFakeGate(): FakeGate {
  const log: string[] = []
  const listeners = new Set<(mode: GateMode) => void>()
  let current: GateMode = 'read-write'
  const ticket = (sql: string) => ({ end: (outcome: Outcome) => void log.push(`${sql} ${outcome}`) })
  const refuse = (operation: string): ReadOnlyError =>
    new ReadOnlyError({ operation }, { because: 'freeze', status: 403 })
  const gate: FakeGate = {
    get mode() {
      return current
    },
    set mode(mode) {
      current = mode
      for (const listener of listeners) listener(mode)
    },
    get isStarting() {
      return gate.mode === 'starting'
    },
    refusing: false,
    log,
    admit(sql) {
      if (gate.refusing && sql !== 'ROLLBACK') throw refuse(sql)
      return ticket(sql)
    },
    note: () => undefined,
    whenReady: () => Promise.resolve(),
    openSession: () => createSession(gate, log),
    refusedColumns: () => (gate.refusing ? 'all' : undefined),
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
  return gate
}

function createSession(gate: Gate, log: string[]): Session {
  let isOpen = false
  const over = (how: string): void => {
    if (isOpen) log.push(how)
    isOpen = false
  }
  const ending = (sql: string, how: string) => {
    const ticket = gate.admit(sql)
    return {
      end(outcome: Outcome) {
        ticket.end(outcome)
        over(how)
      },
    }
  }
  const admit = (sql: string) => (sql === 'ROLLBACK' ? ending(sql, 'rolled back') : gate.admit(sql))
  return {
    get inTransaction() {
      return isOpen
    },
    aborted: false,
    mayWrite: false,
    begin() {
      isOpen = true
    },
    admit,
    note: () => undefined,
    admitCommit: () => ending('COMMIT', 'committed'),
    rolledBack: () => over('rolled back'),
    release: () => over('unknown end'),
  }
}
