// What a run of chaos has to notice by itself, each with the faults that lay it open. Usage: run.mjs chaos

const core = 'packages/core/src'
const inChaos = { test: 'test/chaos/chaos.test.ts', name: 'nothing slips through' }

/** Enough rounds for a defect that takes the right moment; every other one has a fence. */
const faults = (names, rounds) => ({ QUIESCE_CHAOS_FAULTS: names, QUIESCE_CHAOS_ROUNDS: String(rounds) })

export const chaos = [
  {
    rule: 'chaos, R1: the proof lives in the database',
    ...inChaos,
    violates: 'S1',
    env: faults('none', 6),
    edits: [
      {
        file: `${core}/dialects/postgres/fence-statements.ts`,
        from: 'ENABLE ALWAYS TRIGGER',
        to: 'DISABLE TRIGGER',
      },
      {
        file: `${core}/dialects/postgres/fence-coverage.ts`,
        from: "({ enabled }) => enabled === 'A'",
        to: "({ enabled }) => enabled !== ''",
      },
    ],
  },
  {
    rule: 'chaos, R2: in flight ends on the server’s answer',
    ...inChaos,
    violates: 'S1',
    env: faults('an orphaned statement waits for a lock', 2),
    edits: [
      {
        file: `${core}/cluster/wait-for-server.ts`,
        from: 'while (waiting.length > 0) {',
        to: 'while (waiting.length > 1e9) {',
      },
    ],
  },
  {
    rule: 'chaos, R4: a node that hears nothing stops when its lease is over',
    ...inChaos,
    violates: 'S1',
    env: faults('heartbeats cut off', 4),
    edits: [
      {
        file: `${core}/domain/lease.ts`,
        from: 'monotonicEndMs = sentAt.monotonicMs + usableMs',
        to: 'monotonicEndMs = sentAt.monotonicMs + usableMs + 1e9',
      },
      {
        file: `${core}/domain/lease.ts`,
        from: 'wallEndMs = sentAt.wallMs + usableMs',
        to: 'wallEndMs = sentAt.wallMs + usableMs + 1e9',
      },
    ],
  },
  {
    rule: 'chaos, R3: a node registers, then reads the mode',
    ...inChaos,
    violates: 'S1',
    env: faults('a node joins while the cluster freezes', 10),
    edits: [
      {
        file: `${core}/cluster/follower.ts`,
        from: 'await this.#registration.ensure()\n    const sentAt = momentOf(clock)\n    const snapshot = await this.#observe(() => store.beat(this.nodeId, this.#report()))',
        to: 'const joining = !this.#applied\n    const sentAt = momentOf(clock)\n    const snapshot = await this.#observe(() => (joining ? store.read() : store.beat(this.nodeId, this.#report())))\n    if (joining) await this.#registration.ensure()',
      },
    ],
  },
  {
    rule: 'chaos, R5: an epoch that goes backwards closes the gate',
    ...inChaos,
    violates: 'S1',
    env: faults('the state from before the freeze restored', 2),
    edits: [
      {
        file: `${core}/domain/health.ts`,
        from: 'compareEpochs(token.epoch, last.epoch) < 0',
        to: 'compareEpochs(token.epoch, last.epoch) > 1',
      },
    ],
  },
  {
    rule: 'chaos, R6: freeze and thaw commit synchronously',
    ...inChaos,
    violates: 'S2',
    env: faults('commits lost by a crash', 4),
    edits: [
      // A lock that is taken would write down what was committed before it.
      {
        file: `${core}/dialects/postgres/lock-statements.ts`,
        from: "set_config('synchronous_commit', 'on', true) AS durability",
        to: "set_config('synchronous_commit', 'off', true) AS durability",
      },
      {
        file: `${core}/dialects/postgres/commit-statement.ts`,
        from: 'ELSE $17 END, true) AS setting',
        to: "ELSE left($17, 0) || 'off' END, true) AS setting",
      },
    ],
  },
  {
    rule: 'chaos, R7: assertHeld() asks the database',
    ...inChaos,
    violates: 'S2',
    env: faults('a node paused', 8),
    edits: [
      {
        file: `${core}/cluster/lock.ts`,
        from: 'if (await holding.renew()) return',
        to: "if (name !== '') return",
      },
    ],
  },
  {
    rule: 'chaos, R8: a lease is renewed after the wait, before freeze() resolves',
    ...inChaos,
    violates: 'S2',
    env: faults('the holder paused within its lease, after a long wait', 2),
    edits: [
      {
        file: `${core}/cluster/freezer.ts`,
        from: 'if (!(await holding.renew())) throw',
        to: "if (holding.state === 'lost') throw",
      },
      {
        file: `${core}/cluster/holding.ts`,
        from: 'const RENEWALS_PER_LEASE = 3',
        to: 'const RENEWALS_PER_LEASE = 1.01',
      },
      {
        file: `${core}/dialects/postgres/commit-statement.ts`,
        from: "ELSE least(${later('f.lease_ms')}, f.deadline_at) END",
        to: 'ELSE f.lease_until END',
      },
    ],
  },
  {
    rule: 'chaos, R9: control connections have time-outs of their own',
    ...inChaos,
    violates: 'L1',
    env: faults('heartbeats that fall silent for good', 1),
    edits: [
      {
        file: `${core}/dialects/postgres/executor.ts`,
        from: 'query_timeout: options.statementTimeoutMs,',
        to: 'query_timeout: options.statementTimeoutMs * 0,',
      },
    ],
  },
]
