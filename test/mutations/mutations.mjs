// Each safety rule of the protocol, broken once on purpose: the named test must then fail.

const core = 'packages/core/src'

/** @type {ReadonlyArray<{ rule: string, databases?: string, test: string, name: string, edits: ReadonlyArray<{ file: string, from: string, to: string }> }>} */
export const mutations = [
  {
    rule: 'the server is asked for transactions that are still alive',
    test: 'test/cluster/rules.test.ts',
    name: 'of a killed process is waited for',
    edits: [
      {
        file: `${core}/cluster/wait-for-server.ts`,
        from: 'while (waiting.length > 0) {',
        to: 'while (waiting.length > 1e9) {',
      },
    ],
  },
  {
    rule: 'in flight ends on the server’s answer',
    test: 'test/cluster/rules.test.ts',
    name: 'time-out is in flight until',
    edits: [
      {
        file: `${core}/dialects/postgres/errors.ts`,
        from: "state.startsWith('57P') ? 'unknown' : 'answered'",
        to: "state.startsWith('57P') ? 'answered' : 'answered'",
      },
    ],
  },
  {
    rule: 'a node registers, then reads the mode',
    test: 'test/cluster/rules.test.ts',
    name: 'a node registers before it reads',
    edits: [
      {
        file: `${core}/cluster/follower.ts`,
        from: 'if (!this.#registered) await this.#register()\n    const sentAt = momentOf(clock)\n    const snapshot = await this.#observe(() => store.beat(this.#nodeId, this.#report()))',
        to: 'const joining = !this.#registered\n    const sentAt = momentOf(clock)\n    const snapshot = await this.#observe(() => (joining ? store.read() : store.beat(this.#nodeId, this.#report())))\n    if (joining) await this.#register()',
      },
    ],
  },
  {
    rule: 'the age of a lease counts from before the send',
    test: 'packages/core/test/domain/lease.test.ts',
    name: 'counts from before the renewal was sent',
    edits: [
      {
        file: `${core}/domain/lease.ts`,
        from: 'monotonicEnd = sentAt.monotonicMs + usableMs',
        to: 'monotonicEnd = clock.monotonicMs() + usableMs',
      },
      {
        file: `${core}/domain/lease.ts`,
        from: 'wallEnd = sentAt.wallMs + usableMs',
        to: 'wallEnd = clock.wallMs() + usableMs',
      },
    ],
  },
  {
    rule: 'the lease is judged at admission, not by a timer',
    test: 'packages/core/test/cluster/gate.test.ts',
    name: 'is asked at each admission',
    edits: [
      {
        file: `${core}/cluster/gate.ts`,
        from: "return this.#mode === 'read-write' && this.#lease.isFreshAt(now, this.#clock.wallMs())",
        to: "return this.#mode === 'read-write' && now >= 0",
      },
    ],
  },
  {
    rule: 'a transition is a compare-and-set on one row',
    test: 'test/cluster/rules.test.ts',
    name: 'lets one of many concurrent transitions win',
    edits: [
      {
        file: `${core}/dialects/postgres/commit-statement.ts`,
        from: 'AND c.epoch = $2::bigint AND c.nonce = $3',
        to: 'AND $2::bigint IS NOT NULL AND $3::text IS NOT NULL',
      },
    ],
  },
  {
    rule: 'a token is more than its epoch',
    test: 'test/cluster/rules.test.ts',
    name: 'tells two states of the same epoch apart',
    edits: [
      {
        file: `${core}/cluster/held-freeze.ts`,
        from: 'freeze.id === id && freeze.nonce === nonce && isAlive(freeze)',
        to: 'freeze.id === id && nonce.length > 0 && isAlive(freeze)',
      },
    ],
  },
  {
    rule: 'another database closes the gate',
    test: 'test/cluster/rules.test.ts',
    name: 'another database closes the gate',
    edits: [
      { file: `${core}/domain/health.ts`, from: 'if (database !== token.database)', to: 'if (database === undefined)' },
    ],
  },
  {
    rule: 'an epoch that goes backwards closes the gate',
    test: 'test/cluster/rules.test.ts',
    name: 'an epoch that goes backwards closes the gate',
    edits: [
      {
        file: `${core}/domain/health.ts`,
        from: 'compareEpochs(token.epoch, last.epoch) < 0',
        to: 'compareEpochs(token.epoch, last.epoch) > 1',
      },
    ],
  },
  {
    rule: 'freeze and thaw commit synchronously',
    test: 'test/cluster/durability.test.ts',
    name: 'survives a crash',
    edits: [
      {
        file: `${core}/dialects/postgres/commit-statement.ts`,
        from: 'ELSE $17 END, true) AS setting',
        to: "ELSE left($17, 0) || 'off' END, true) AS setting",
      },
    ],
  },
  {
    rule: 'assertHeld() asks the database',
    test: 'test/cluster/rules.test.ts',
    name: 'tells two states of the same epoch apart',
    edits: [
      {
        file: `${core}/cluster/held-freeze.ts`,
        from: 'async assertHeld() {\n      if (!isHeld(await store.read(), id, nonce)) throw',
        to: "async assertHeld() {\n      if (holding.state === 'lost') throw",
      },
    ],
  },
  {
    rule: 'a lease is renewed after the wait, before freeze() resolves',
    test: 'test/cluster/rules.test.ts',
    name: 'a lease is full when freeze() resolves',
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
    rule: 'no renewal moves the deadline',
    test: 'test/cluster/rules.test.ts',
    name: 'no renewal moves the deadline',
    edits: [
      {
        file: `${core}/dialects/postgres/freeze-statements.ts`,
        from: "least(${later('lease_ms')}, deadline_at)",
        to: "${later('lease_ms')}",
      },
      {
        file: `${core}/dialects/postgres/freeze-statements.ts`,
        from: 'AND (deadline_at IS NULL OR deadline_at > clock_timestamp())',
        to: '',
      },
      {
        file: `${core}/domain/transition.ts`,
        from: 'isOver(deadlineRemainingMs, 0)',
        to: 'isOver(deadlineRemainingMs, 1e9)',
      },
    ],
  },
  {
    rule: 'control connections are our own',
    test: 'test/cluster/rules.test.ts',
    name: 'are not the application’s',
    edits: [
      {
        file: `${core}/dialects/postgres/executor.ts`,
        from: 'async execute(sql, parameters = []) {',
        to: 'async execute(sql, parameters = []) {\n      const app = (config as { pool?: Pool }).pool\n      if (app) return app.query(sql, [...parameters]) as never',
      },
      {
        file: `${core}/dialects/postgres/postgres-dialect.ts`,
        from: 'return { ...options, ...(password',
        to: 'return { ...options, pool: database, ...(password',
      },
    ],
  },
  {
    rule: 'polling is the protocol, LISTEN a hint',
    test: 'test/cluster/listen.test.ts',
    name: 'a listening connection that is killed',
    edits: [
      {
        file: `${core}/cluster/follower.ts`,
        from: '(calm ? pollIntervalMs : fastPollIntervalMs) * jitter',
        to: '(calm ? 40 * pollIntervalMs : fastPollIntervalMs) * jitter',
      },
    ],
  },
  {
    rule: 'a dead holder is taken over',
    test: 'test/cluster/takeover.test.ts',
    name: 'while read-only: every node writes again',
    edits: [
      {
        file: `${core}/domain/transition.ts`,
        from: 'isOver(freeze.leaseRemainingMs, lockDelayMs)',
        to: 'isOver(freeze.leaseRemainingMs, lockDelayMs + 1e9)',
      },
    ],
  },
  {
    rule: 'transactions that have written are drained',
    test: 'test/cluster/late-commits.test.ts',
    name: '200 rounds',
    edits: [
      {
        file: `${core}/cluster/drain.ts`,
        from: 'this.#pending += 1\n      if (flight instanceof TransactionFlight) grant(',
        to: 'if (!(flight instanceof TransactionFlight)) this.#pending += 1\n      if (flight instanceof TransactionFlight) grant(',
      },
    ],
  },
  {
    rule: 'changed ⊆ exempt, never the other way round',
    test: 'packages/core/test/domain/exemption.test.ts',
    name: 'changed ⊆ exempt',
    edits: [
      {
        file: `${core}/domain/exemption.ts`,
        from: 'columns.filter((column) => !allowed.has(column))',
        to: '[...allowed].filter((column) => !columns.includes(column))',
      },
    ],
  },
  {
    rule: 'on MySQL a protected column is compared by its bytes',
    databases: 'mysql',
    test: 'test/fence/mysql-columns.test.ts',
    name: 'protected to the last bit',
    edits: [{ file: `${core}/dialects/mysql/fence-columns.ts`, from: '  return bytes\n}', to: '  return asIs\n}' }],
  },
  {
    rule: 'on MySQL a FLOAT is compared by more than its printed digits',
    databases: 'mysql',
    test: 'test/fence/mysql-columns.test.ts',
    name: 'protected to the last bit',
    edits: [
      { file: `${core}/dialects/mysql/fence-columns.ts`, from: 'return `${asIs} AND ${bytes}`', to: 'return bytes' },
    ],
  },
  {
    rule: 'on MySQL the keys that the server made are columns too',
    databases: 'mysql',
    test: 'test/fence/mysql-columns.test.ts',
    name: 'made keys',
    edits: [
      {
        file: `${core}/dialects/mysql/fence-columns.ts`,
        from: 'information_schema = ON',
        to: 'information_schema = OFF',
      },
    ],
  },
  {
    rule: 'on MySQL nobody passes a fence whose function is missing',
    databases: 'mysql',
    test: 'test/fence/mysql-raising.test.ts',
    name: 'whose function was dropped',
    edits: [
      {
        file: `${core}/dialects/mysql/fence-triggers.ts`,
        from: 'IF NOT (${functionName}() <=> TRUE)',
        to: 'IF NOT ${functionName}()',
      },
    ],
  },
  {
    rule: 'on MySQL writes come back although a reader keeps the triggers',
    databases: 'mysql',
    test: 'test/fence/mysql-raising.test.ts',
    name: 'gives the writes back at once',
    edits: [
      {
        file: `${core}/dialects/mysql/fence.ts`,
        from: 'await replace(mark, inertFunction)',
        to: 'void [replace, inertFunction]',
      },
    ],
  },
  {
    rule: 'on MySQL the fences of other databases are left alone',
    databases: 'mysql',
    test: 'test/fence/mysql-raising.test.ts',
    name: 'of another database of the server is left alone',
    edits: [
      {
        file: `${core}/dialects/mysql/fence-standing.ts`,
        from: 'AND (TRIGGER_SCHEMA = ? OR INSTR',
        to: 'AND (TRIGGER_SCHEMA = ? OR true OR INSTR',
      },
    ],
  },
  {
    rule: 'on MySQL an attempt is in the way of readers for a moment only',
    databases: 'mysql',
    test: 'test/fence/mysql-raising.test.ts',
    name: 'stops no other reader for long',
    edits: [
      {
        file: `${core}/dialects/mysql/fence-session.ts`,
        from: 'if (waiting !== undefined) await',
        to: 'if (waiting === null) await',
      },
    ],
  },
  {
    rule: 'on MySQL a hold on DDL ends with its freeze, whoever ends that',
    databases: 'mysql',
    test: 'test/fence/mysql-hold.test.ts',
    name: 'holds DDL back on wish',
    edits: [
      {
        file: `${core}/dialects/mysql/fence-ddl-hold.ts`,
        from: 'if (other !== undefined) await',
        to: 'if (other === null) await',
      },
    ],
  },
]
