// Each safety rule of the protocol, broken once on purpose: the named test must then fail.

const core = 'packages/core/src'

/** @type {ReadonlyArray<{ rule: string, test: string, name: string, edits: ReadonlyArray<{ file: string, from: string, to: string }> }>} */
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
    rule: 'fence: it stands only when every open writer has ended',
    test: 'test/fence/proof.test.ts',
    name: 'rounds against paused processes',
    edits: [
      {
        file: `${core}/dialects/postgres/fence.ts`,
        from: "isConcurrent(error))) return 'busy'",
        to: "isConcurrent(error))) return 'done'",
      },
      {
        file: `${core}/dialects/postgres/fence-coverage.ts`,
        from: 'const armed = triggers',
        to: 'if (triggers.length < 1e9) return true\n  const armed = triggers',
      },
    ],
  },
  {
    rule: 'fence: triggers fire whatever session_replication_role says',
    test: 'test/fence/slip-through.test.ts',
    name: 'every known way of writing',
    edits: [
      {
        file: `${core}/dialects/postgres/fence-statements.ts`,
        from: 'ENABLE ALWAYS TRIGGER',
        to: 'ENABLE TRIGGER',
      },
    ],
  },
  {
    rule: 'fence: partitions and children have triggers of their own',
    test: 'test/fence/slip-through.test.ts',
    name: 'every known way of writing',
    edits: [
      {
        file: `${core}/dialects/postgres/fence-survey.ts`,
        from: "AND c.relpersistence <> 't'",
        to: "AND c.relpersistence <> 't' AND NOT c.relispartition",
      },
    ],
  },
  {
    rule: 'fence: only the token of the freeze passes',
    test: 'test/fence/install.test.ts',
    name: 'passes in its transaction alone',
    edits: [
      {
        file: `${core}/dialects/postgres/fence-statements.ts`,
        from: "IF pg_catalog.sha256(pg_catalog.convert_to(one, 'UTF8')) OPERATOR(pg_catalog.=) pg_catalog.decode(${quoteLiteral(digest)}, 'hex') THEN",
        to: "IF pg_catalog.sha256(pg_catalog.convert_to(one, 'UTF8')) IS NOT NULL OR ${quoteLiteral(digest)} = '' THEN",
      },
    ],
  },
  {
    rule: 'fence: a takeover that keeps the freeze takes the bypass away',
    test: 'test/fence/install.test.ts',
    name: 'is dead after a takeover',
    edits: [
      {
        file: `${core}/cluster/fence-seal.ts`,
        from: '  await backend.rekey(fence)\n',
        to: '  if (fence.reason === undefined) await backend.rekey(fence)\n',
      },
    ],
  },
  {
    rule: 'fence: a takeover that keeps the freeze ends what the old holder had begun',
    test: 'test/fence/install.test.ts',
    name: 'is dead after a takeover',
    edits: [
      { file: `${core}/cluster/fence-seal.ts`, from: 'if (open.length > 0) await', to: 'if (open.length > 1e9) await' },
    ],
  },
  {
    rule: 'fence: what a dead holder left is found',
    test: 'test/fence/install.test.ts',
    name: 'while it stands: a holder that is killed',
    edits: [
      {
        file: `${core}/cluster/fence-janitor.ts`,
        from: 'if (freeze === undefined) await lowering.lower(fence.mark)',
        to: 'if (freeze === null) await lowering.lower(fence.mark)',
      },
    ],
  },
  {
    rule: 'fence: the fence of an active freeze is left alone',
    test: 'test/fence/install.test.ts',
    name: 'never touches the fence of another freeze',
    edits: [
      {
        file: `${core}/cluster/fence-janitor.ts`,
        from: 'if (freeze === undefined) await lowering.lower(fence.mark)',
        to: "if (freeze === undefined || freeze.id !== '') await lowering.lower(fence.mark)",
      },
    ],
  },
  {
    rule: 'fence: a table that is only being created is waited for',
    test: 'test/cluster/regressions.test.ts',
    name: 'a table that is being created',
    edits: [
      {
        file: `${core}/cluster/drain-cluster.ts`,
        from: 'if (options.awaitServer) await waitForServer(serverWait(context, options, signal, fence.covers))',
        to: 'void fence.covers',
      },
    ],
  },
]
