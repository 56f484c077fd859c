/** Where the recovery of one thing is: of a freeze's holder, or of this node's link to the database. */
export type RecoveryState =
  /** The last health check passed. */
  | 'healthy'
  /** A health check failed and the lease still runs: whoever failed may come back. */
  | 'waiting'
  /** It has not come back for so long that people should look. */
  | 'escalated'
  /** The lease is over: another node may act. */
  | 'lost'
  /** This node, or another one, has taken over and told the cluster. */
  | 'taken-over'
  /** It came back by itself. */
  | 'recovered'
  /** What was declared has happened: the writes are back, or another holder goes on. */
  | 'resumed'

/** What a health check or the cluster's state says. */
export type RecoveryObservation =
  | 'alive'
  /** Overdue, or not reachable. */
  | 'silent'
  /** Still silent, for longer than anybody should wait in silence. */
  | 'silent-for-long'
  /** Its lease is over. */
  | 'lease-over'
  /** Somebody has ended, kept or handed over what it held. */
  | 'taken-over'
  /** Nothing of it is left: the writes are back, or a new holder renews. */
  | 'settled'

const ways: Readonly<Record<RecoveryState, Partial<Record<RecoveryObservation, RecoveryState>>>> = {
  healthy: { silent: 'waiting', 'silent-for-long': 'waiting', 'lease-over': 'lost', 'taken-over': 'taken-over' },
  waiting: {
    alive: 'recovered',
    'silent-for-long': 'escalated',
    'lease-over': 'lost',
    'taken-over': 'taken-over',
    settled: 'resumed',
  },
  escalated: { alive: 'recovered', 'lease-over': 'lost', 'taken-over': 'taken-over', settled: 'resumed' },
  lost: { alive: 'recovered', 'taken-over': 'taken-over', settled: 'resumed' },
  'taken-over': { alive: 'resumed', settled: 'resumed' },
  recovered: { alive: 'healthy', silent: 'waiting', 'silent-for-long': 'waiting', 'lease-over': 'lost' },
  resumed: { alive: 'healthy', silent: 'waiting', 'lease-over': 'lost' },
}

/** The next state; the same one when the observation changes nothing. Pure. */
export function nextRecovery(state: RecoveryState, observation: RecoveryObservation): RecoveryState {
  return ways[state][observation] ?? state
}
