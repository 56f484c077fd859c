import type { Clock } from '../domain/clock.ts'
import { nextRecovery, type RecoveryObservation, type RecoveryState } from '../domain/recovery-state.ts'
import { type FreezeRecord, isHolderless, type Snapshot } from '../domain/snapshot.ts'
import type { Alerts } from './alert.ts'
import type { EventHub } from './events.ts'
import type { Recovery } from './recovery.ts'

/** What the monitor is made of. */
export interface RecoveryMonitorOptions {
  readonly recovery: Recovery
  readonly events: EventHub
  readonly alerts: Alerts
  readonly clock: Clock
  readonly freezeLeaseMs: number
  readonly lockDelayMs: number
  /** How long something may be silent before people are told, although its lease still runs. */
  readonly escalateAfterMs: number
}

/** What is watched: the holder of a freeze, or this node's own link to the database. */
export interface RecoverySubject {
  readonly type: 'holder' | 'database'
  /** The freeze whose holder it is. */
  readonly freezeId?: string | undefined
}

interface Watched {
  readonly subject: RecoverySubject
  state: RecoveryState
  silentSinceMs: number | undefined
}

/** A holder renews three times a lease; with less than this share left it has missed one. */
const LATE_SHARE = 0.5

/**
 * Follows each failure through the recovery: noticed, waited for, taken over or recovered, and tells of every step
 * (`recovery`), with an alert where people should know. It decides nothing: what the leases say is done by the recovery
 * that it wraps.
 */
export function monitorRecovery(options: RecoveryMonitorOptions): Recovery {
  const { recovery, events, alerts, clock, freezeLeaseMs, lockDelayMs, escalateAfterMs } = options
  const holders = new Map<string, Watched>()
  const database: Watched = { subject: { type: 'database' }, state: 'healthy', silentSinceMs: undefined }

  const observe = (watched: Watched, seen: RecoveryObservation): void => {
    const now = clock.monotonicMs()
    watched.silentSinceMs = seen === 'silent' ? (watched.silentSinceMs ?? now) : undefined
    const long =
      seen === 'silent' && watched.silentSinceMs !== undefined && now - watched.silentSinceMs >= escalateAfterMs
    const from = watched.state
    watched.state = nextRecovery(from, long ? 'silent-for-long' : seen)
    if (watched.state === from) return
    events.emit('recovery', { ...watched.subject, from, to: watched.state })
    if (watched.state === 'escalated') alerts.raise(escalation(watched.subject, escalateAfterMs))
    if (watched.subject.type === 'database' && watched.state === 'recovered') alerts.raise(reconnected)
  }
  const lookAt = (freeze: FreezeRecord): void => {
    const { id } = freeze
    const watched = holders.get(id) ?? {
      subject: { type: 'holder', freezeId: id },
      state: 'healthy',
      silentSinceMs: undefined,
    }
    holders.set(id, watched)
    observe(watched, holderSeen(freeze, freezeLeaseMs, lockDelayMs))
  }
  const settle = ({ freezes }: Snapshot): void => {
    for (const [id, watched] of holders) {
      if (freezes.some((freeze) => freeze.id === id)) continue
      if (watched.state !== 'healthy' && watched.state !== 'recovered') observe(watched, 'settled')
      holders.delete(id)
    }
  }
  events.on('warning', ({ error }) => {
    if (error !== undefined) observe(database, 'silent')
  })
  events.on('lease-lost', ({ nodeId }) => {
    observe(database, 'lease-over')
    alerts.raise(leaseLost(nodeId))
  })
  events.on('state-lost', ({ why }) => alerts.raise(stateLost(why)))
  events.on('takeover', ({ freezeIds }) => {
    for (const freezeId of freezeIds) {
      const watched = holders.get(freezeId)
      if (watched !== undefined) observe(watched, 'taken-over')
      alerts.raise(holderLost(freezeId))
    }
  })
  return {
    stateFound: () => recovery.stateFound(),
    stateLost: (nodeId, seenEpoch) => recovery.stateLost(nodeId, seenEpoch),
    async afterBeat(snapshot, nodeId) {
      observe(database, 'alive')
      for (const freeze of snapshot.freezes) if (freeze.kind === 'machine') lookAt(freeze)
      settle(snapshot)
      await recovery.afterBeat(snapshot, nodeId)
    },
  }
}

function holderSeen(freeze: FreezeRecord, leaseMs: number, lockDelayMs: number): RecoveryObservation {
  if (isHolderless(freeze)) return 'taken-over'
  const { leaseRemainingMs = leaseMs } = freeze
  if (leaseRemainingMs + lockDelayMs <= 0) return 'lease-over'
  return leaseRemainingMs < LATE_SHARE * leaseMs ? 'silent' : 'alive'
}

type Raised = Parameters<Alerts['raise']>[0]

function escalation({ type, freezeId }: RecoverySubject, afterMs: number): Raised {
  const subject = type === 'holder' ? `the holder of freeze ${freezeId}` : 'the coordination database'
  const advice =
    type === 'holder'
      ? 'Look at its process; when its lease is over, another node takes over by itself, or thaw it by force.'
      : 'Look at the server and the network; the node reconnects by itself.'
  const message = `${subject} has been silent for ${afterMs} ms. ${advice}`
  return { severity: 'warning', kind: `${type}-silent`, message, data: { freezeId, afterMs } }
}

const reconnected: Raised = {
  severity: 'info',
  kind: 'database-back',
  message: 'the coordination database answers again; the node follows the cluster.',
  data: {},
}

function leaseLost(nodeId: string): Raised {
  return {
    severity: 'critical',
    kind: 'lease-lost',
    message: `node ${nodeId} could not renew its lease and refuses writes. It resumes by itself when the coordination database answers.`,
    data: { nodeId },
  }
}

function stateLost(why: string): Raised {
  return {
    severity: 'critical',
    kind: 'state-lost',
    message: `the cluster's state cannot be believed: ${why}. Writes are refused until the nodes have made it anew, a holder's lease from now. Look for a failover or a restored backup.`,
    data: { why },
  }
}

function holderLost(freezeId: string): Raised {
  return {
    severity: 'critical',
    kind: 'holder-lost',
    message: `the holder of freeze ${freezeId} is lost; what it declared for this happens: the writes come back, or the cluster stays read-only until somebody takes over, thaws it by force, or its deadline passes.`,
    data: { freezeId },
  }
}
