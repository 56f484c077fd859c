// What a run of chaos has to notice by itself, each with the faults that lay it open. Usage: run.mjs chaos

const core = 'packages/core/src'
const inChaos = { test: 'test/chaos/chaos.test.ts', name: 'nothing slips through' }

/** Enough rounds for a defect that takes the right moment, in less than a minute. */
const faults = (names, minutes) => ({ QUIESCE_CHAOS_FAULTS: names, ...(minutes && { QUIESCE_CHAOS_MINUTES: minutes }) })

export const chaos = [
  {
    rule: 'chaos, R1: the proof lives in the database',
    ...inChaos,
    violates: 'S1',
    env: faults('none', '0.1'),
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
    env: faults('an orphaned statement waits for a lock;a driver gives up on a statement', '0.3'),
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
    env: faults('heartbeats cut off', '0.3'),
    edits: [
      {
        file: `${core}/domain/lease.ts`,
        from: 'monotonicEnd = sentAt.monotonicMs + usableMs',
        to: 'monotonicEnd = sentAt.monotonicMs + usableMs + 1e9',
      },
      {
        file: `${core}/domain/lease.ts`,
        from: 'wallEnd = sentAt.wallMs + usableMs',
        to: 'wallEnd = sentAt.wallMs + usableMs + 1e9',
      },
    ],
  },
  {
    rule: 'chaos, R7: assertHeld() asks the database',
    ...inChaos,
    violates: 'S2',
    env: faults('a node paused', '1'),
    edits: [
      {
        file: `${core}/cluster/lock.ts`,
        from: 'if (await holding.renew()) return',
        to: "if (name !== '') return",
      },
    ],
  },
]
