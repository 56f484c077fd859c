// Each safety rule of the protocol, broken once on purpose: the named test must then fail.

import { backends } from './backends.mjs'
import { command } from './command.mjs'
import { databaseErrors } from './database-errors.mjs'
import { fence } from './fence.mjs'
import { operations } from './operations.mjs'

const core = 'packages/core/src'
const http = 'packages/http/src'

/** @type {ReadonlyArray<{ rule: string, test: string, name: string, edits: ReadonlyArray<{ file: string, from: string, to: string }> }>} */
export const mutations = [
  ...command,
  ...backends,
  ...fence,
  ...operations,
  ...databaseErrors,
  {
    rule: 'a statement that the server does not keep any more is sent in full',
    test: 'test/contracts/kept-statements.test.ts',
    name: 'gets through a pooler',
    edits: [
      {
        file: `${core}/dialects/postgres/kept-statements.ts`,
        from: "!NOT_KEPT.has(sqlStateOf(error) ?? '')",
        to: "!NOT_KEPT.has(sqlStateOf(error) ?? '') || areKept",
      },
    ],
  },
  {
    rule: 'a run proves before its commit that its freeze holds now, whatever its transaction has seen',
    test: 'test/runs/phases.test.ts',
    name: 'thaws while its transaction is open',
    edits: [
      {
        file: `${core}/cluster/run/holder.ts`,
        from: 'fn(transaction as never), proveLate)',
        to: 'fn(transaction as never))',
      },
    ],
  },
  {
    rule: 'what a run may pass is over with its transaction',
    test: 'test/runs/orms.test.ts',
    name: 'are over with their transaction',
    edits: [
      {
        file: `${core}/cluster/run/holder.ts`,
        from: 'isValid: () => !over && held()',
        to: 'isValid: () => (over || !over) && held()',
      },
    ],
  },
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
        from: 'await this.#registration.ensure()\n    const sentAt = momentOf(clock)\n    const snapshot = await this.#observe(() => store.beat(this.nodeId, this.#report()))',
        to: 'const joining = !this.#applied\n    const sentAt = momentOf(clock)\n    const snapshot = await this.#observe(() => (joining ? store.read() : store.beat(this.nodeId, this.#report())))\n    if (joining) await this.#registration.ensure()',
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
        from: 'monotonicEndMs = sentAt.monotonicMs + usableMs',
        to: 'monotonicEndMs = this.#clock.monotonicMs() + usableMs',
      },
      {
        file: `${core}/domain/lease.ts`,
        from: 'wallEndMs = sentAt.wallMs + usableMs',
        to: 'wallEndMs = this.#clock.wallMs() + usableMs',
      },
    ],
  },
  {
    rule: 'the lease is judged at admission, not by a timer',
    test: 'packages/core/test/cluster/gate.test.ts',
    name: 'is asked at each admission',
    edits: [
      {
        file: `${core}/cluster/current-mode.ts`,
        from: 'now < this.#lease.monotonicEndMs && this.#clock.wallMs() < this.#lease.wallEndMs',
        to: 'now >= 0',
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
    rule: 'a registration that was given up may be executed all the same',
    test: 'test/cluster/rules.test.ts',
    name: 'keeps its node out no longer',
    edits: [
      {
        file: `${core}/cluster/registration.ts`,
        from: '        forget()\n        throw error',
        to: '        throw error',
      },
    ],
  },
  {
    rule: 'a rollback never waits for the start',
    test: 'test/prisma/cluster.test.ts',
    name: 'leaves its connection clean',
    edits: [
      {
        file: `${core}/cluster/restrictions.ts`,
        from: "analysis.action === 'rollback' ||",
        to: "analysis.action === 'begin' ||",
      },
    ],
  },
  {
    rule: 'a node joins synchronously',
    test: 'test/cluster/durability.test.ts',
    name: 'survive a crash',
    edits: [
      {
        file: `${core}/dialects/postgres/node-statements.ts`,
        from: "WHEN 'off' THEN 'on'",
        to: "WHEN 'off' THEN 'off'",
      },
    ],
  },
  {
    rule: 'freeze and thaw commit synchronously',
    test: 'test/cluster/durability.test.ts',
    name: 'survive a crash',
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
        from: 'const open = await opened()',
        to: 'const open = (config as { pool?: Pool }).pool ?? (await opened())',
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
        file: `${core}/cluster/follower-pace.ts`,
        from: 'length === 0) return pollIntervalMs',
        to: 'length === 0) return 40 * pollIntervalMs',
      },
    ],
  },
  {
    rule: 'a freeze reads the journal',
    test: 'packages/core/test/cluster/journal.test.ts',
    name: 'is waited for when it writes',
    edits: [
      {
        file: `${core}/cluster/drain.ts`,
        from: 'this.#journal.read()\n    this.#imposed = true',
        to: 'this.#imposed = true',
      },
    ],
  },
  {
    rule: 'nothing is noted behind the lease',
    test: 'packages/core/test/cluster/journal.test.ts',
    name: 'behind the lease by either clock',
    edits: [
      {
        file: `${core}/cluster/journal.ts`,
        from: 'if (!this.#mode.isOpenAt(now)) return undefined',
        to: '',
      },
    ],
  },
  {
    rule: 'nothing is noted of a transaction that a freeze has aborted',
    test: 'packages/core/test/cluster/journal.test.ts',
    name: 'aborted by a freeze, also when writes are back',
    edits: [
      {
        file: `${core}/cluster/session.ts`,
        from: 'this.#transaction?.aborted === true ? undefined',
        to: 'false ? undefined',
      },
    ],
  },
  {
    rule: 'an entry of the journal is used again when its statement has ended',
    test: 'packages/core/test/cluster/journal.test.ts',
    name: 'end one by one, in any order',
    edits: [
      {
        file: `${core}/cluster/journal.ts`,
        from: 'if (entry !== undefined && !entry.tell(gate)) this.#entries[this.#told] = new Entry(this)',
        to: 'entry?.tell(gate)',
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
    name: 'rounds of freeze and thaw against writers',
    edits: [
      {
        file: `${core}/cluster/drain.ts`,
        from: 'this.#pending += 1\n      if (flight instanceof TransactionFlight) flight.grant(',
        to: 'if (!(flight instanceof TransactionFlight)) this.#pending += 1\n      if (flight instanceof TransactionFlight) flight.grant(',
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
    rule: 'heartbeats belong to no caller',
    test: 'test/observability/freeze.test.ts',
    name: 'heartbeats are outside of whatever started the node',
    edits: [{ file: `${core}/cluster/system-clock.ts`, from: 'outside.runInAsyncScope(fn)', to: 'fn()' }],
  },
  {
    rule: 'a storm of refused writes does not flood the log',
    test: 'packages/core/test/cluster/event-log.test.ts',
    name: 'has a line per table in ten seconds',
    edits: [{ file: `${core}/cluster/line-limit.ts`, from: 'now < last.untilMs', to: 'now > last.untilMs' }],
  },
  {
    rule: 'a broken logger breaks nothing else',
    test: 'packages/core/test/cluster/event-log.test.ts',
    name: 'a logger that throws disturbs neither',
    edits: [
      {
        file: `${core}/cluster/events.ts`,
        from: 'tell(logger, name, error)',
        to: "logger.error({ err: error, event: name }, 'a listener of the cluster threw')",
      },
    ],
  },
  {
    rule: 'no text of a statement leaves through metrics, spans or the log',
    test: 'test/observability/freeze.test.ts',
    name: 'no value of a statement leaves through any of them',
    edits: [
      {
        file: `${core}/cluster/gate.ts`,
        from: 'if (skipped === undefined) this.#refuse(refusal)',
        to: 'if (skipped === undefined) this.#refuse({ ...refusal, write: { ...refusal.write, why: sql } })',
      },
    ],
  },
  {
    rule: 'only a caller that can answer skips a write',
    test: 'packages/core/test/cluster/gate-policies.test.ts',
    name: 'a caller that did not say what it wants is refused',
    edits: [
      {
        file: `${core}/cluster/gate.ts`,
        from: 'maySkip && wanted !== undefined ?',
        to: 'maySkip ?',
      },
    ],
  },
  {
    rule: 'an exempt write is never skipped',
    test: 'packages/core/test/cluster/gate-policies.test.ts',
    name: 'an exempt column beside it refuses the update too',
    edits: [
      {
        file: `${core}/cluster/restrictions.ts`,
        from: 'analysis.writes.every((write) => skip.refused(write) === undefined)',
        to: 'analysis.writes.every((write) => unitePolicies(base, skip).refused(write) === undefined)',
      },
    ],
  },
  {
    rule: 'a node that only reports fails a freeze',
    test: 'test/cluster/report-only.test.ts',
    name: 'fails a freeze at once',
    edits: [
      {
        file: `${core}/cluster/wait-for-nodes.ts`,
        from: 'if (reporting.length > 0 && !wait.acceptReporting)',
        to: 'if (reporting.length > 1e9 && !wait.acceptReporting)',
      },
    ],
  },
  {
    rule: 'a freeze with nodes that only report guarantees nothing',
    test: 'test/cluster/report-only.test.ts',
    name: 'goes on writing in a freeze that accepts it',
    edits: [
      {
        file: `${core}/cluster/held-freeze.ts`,
        from: "return answer.reporting.length > 0 ? 'none' : unfenced",
        to: "return answer.reporting.length > 1e9 ? 'none' : unfenced",
      },
    ],
  },
  {
    rule: 'a node that only reports never acks',
    test: 'test/cluster/report-only.test.ts',
    name: 'goes on writing in a freeze that accepts it',
    edits: [
      {
        file: `${core}/cluster/follower.ts`,
        from: "if (!gate.enforces && this.#snapshot?.mode !== 'read-write') return",
        to: "if (gate.enforces === undefined && this.#snapshot?.mode !== 'read-write') return",
      },
    ],
  },
  {
    rule: 'no layer above the statement refuses where nothing is refused',
    test: 'packages/core/test/cluster/gate-policies.test.ts',
    name: 'is read-write for every layer above it',
    edits: [
      {
        file: `${core}/cluster/gate.ts`,
        from: "if (this.#refusals.reportsOnly && this.#mode.value !== 'starting') return 'read-write'",
        to: "if (this.#refusals.reportsOnly && this.#mode.value === 'starting') return 'read-write'",
      },
    ],
  },
  {
    rule: 'a transaction that begins inside of a text is a transaction',
    test: 'packages/core/test/cluster/gate-policies.test.ts',
    name: 'opens one that a drain waits for',
    edits: [
      {
        file: `${core}/cluster/session.ts`,
        from: 'stacked === undefined ? this.#admitStatement(sql, wanted)',
        to: 'stacked === undefined || stacked.opens ? this.#admitStatement(sql, wanted)',
      },
    ],
  },
  {
    rule: 'a transaction that overstays is not committed by the next BEGIN',
    test: 'packages/core/test/cluster/gate.test.ts',
    name: 'is not committed by the next BEGIN',
    edits: [
      {
        file: `${core}/cluster/session.ts`,
        from: 'if (transaction !== undefined && !transaction.ending) this.#gate.admitCommit(transaction)',
        to: '',
      },
    ],
  },
  {
    rule: 'a COMMIT of a transaction that nobody saw begin is refused',
    test: 'packages/core/test/cluster/gate.test.ts',
    name: 'that nobody saw begin is refused',
    edits: [
      {
        file: `${core}/cluster/restrictions.ts`,
        from: "['commit', 'no guard",
        to: "['release', 'no guard",
      },
    ],
  },
  {
    rule: 'what comments make of transaction control is decided by the grammar of the server',
    test: 'packages/core/test/cluster/gate.test.ts',
    name: 'is a write where comments are executed or do not nest',
    edits: [
      {
        file: `${core}/cluster/session.ts`,
        from: 'if (control === undefined || !differs.test(sql)) return control',
        to: 'if (control !== undefined) return control',
      },
    ],
  },
  {
    rule: 'without autocommit a transaction is always open',
    test: 'packages/core/test/cluster/gate.test.ts',
    name: 'without autocommit a transaction is always open',
    edits: [
      {
        file: `${core}/cluster/session.ts`,
        from: 'if (!this.#alwaysOpen && !has(chains)) return ending',
        to: 'if (!has(chains)) return ending',
      },
    ],
  },
  {
    rule: 'a fence leaves the coordination tables of other installations alone',
    test: 'test/fence/patrol.test.ts',
    name: 'the coordination tables of another installation are left alone',
    edits: [
      {
        file: `${core}/dialects/other-installations.ts`,
        from: "'node', 'row_lock', 'version']",
        to: "'node', 'row_lock', 'nothing']",
      },
    ],
  },
  {
    rule: 'a node without a lease does not commit by LOCK TABLES',
    test: 'packages/core/test/cluster/gate.test.ts',
    name: 'is not committed by LOCK TABLES either',
    edits: [
      {
        file: `${core}/cluster/gate.ts`,
        from: "if (!grace && this.analyze(sql).kind === 'lock') this.admitCommit(transaction)",
        to: '',
      },
    ],
  },
  {
    rule: 'a write that waits for a connection is drained',
    test: 'test/typeorm/typeorm.test.ts',
    name: 'waits for a write that is queued for a connection',
    edits: [
      {
        file: 'packages/typeorm/src/pg-pool-guard.ts',
        from: 'return idleCount > waitingCount',
        to: 'return true',
      },
    ],
  },
  {
    rule: 'what is refused takes no connection from the pool',
    test: 'test/typeorm/typeorm.test.ts',
    name: 'gives no connection to what is refused',
    edits: [
      {
        file: 'packages/typeorm/src/query-runner-guard.ts',
        from: 'heard.isReadWrite && clients.takesAtOnce(runner)',
        to: 'clients.takesAtOnce(runner)',
      },
    ],
  },
  {
    rule: 'a statement whose end a client does not know is unknown',
    test: 'test/typeorm/typeorm.test.ts',
    name: 'counts a write whose connection was lost as unknown',
    edits: [
      {
        file: 'packages/typeorm/src/client-query.ts',
        from: 'endWithError(gate, ticket, error)',
        to: "ticket.end('answered')",
      },
    ],
  },
  {
    rule: 'a statement that had to wait for its client is counted once',
    test: 'test/typeorm/typeorm.test.ts',
    name: 'counts a statement that had to wait for it once',
    edits: [
      {
        file: 'packages/typeorm/src/runner-connections.ts',
        from: '(client) => clients.bind(client, own)',
        to: '() => {}',
      },
    ],
  },
  {
    rule: 'a client that goes back to its pool is no longer its query runner’s',
    test: 'test/typeorm/typeorm.test.ts',
    name: 'also when it comes from a runner that has waited for it',
    edits: [
      {
        file: 'packages/typeorm/src/client-guard.ts',
        from: 'known.connection = known.own',
        to: '',
      },
    ],
  },
  {
    rule: 'a transaction that begins in a text of several statements is known',
    test: 'test/typeorm/typeorm.test.ts',
    name: 'begins in a text of several statements',
    edits: [
      {
        file: `${core}/cluster/session.ts`,
        from: 'return stacked === undefined ? this.#admitStatement(sql, wanted) : this.#admitStack(sql, stacked)',
        to: 'return this.#admitStatement(sql, wanted)',
      },
    ],
  },
  {
    rule: 'what a query runner has announced is not its client’s next user’s',
    test: 'test/typeorm/typeorm.test.ts',
    name: 'does not let its next user send what a query runner has announced',
    edits: [
      {
        file: 'packages/typeorm/src/client-guard.ts',
        from: 'if (known.own.announced?.length !== 0) known.own =',
        to: 'if (known.own.announced === undefined) known.own =',
      },
    ],
  },
  {
    rule: 'a refusal of the fence reaches callers of a query runner as what it is',
    test: 'test/typeorm/typeorm.test.ts',
    name: 'also of what a query runner has left to it',
    edits: [
      {
        file: 'packages/typeorm/src/client-refusals.ts',
        from: 'if (isReadOnlyError(error)) throw error',
        to: '',
      },
    ],
  },
  {
    rule: 'what a client refuses keeps no other subscriber from hearing of the statement',
    test: 'test/typeorm/typeorm.test.ts',
    name: 'lets every other subscriber hear of what it refuses',
    edits: [
      {
        file: 'packages/typeorm/src/client-refusals.ts',
        from: "putIn(dataSource, subscriber, 'last')",
        to: "putIn(dataSource, subscriber, 'first')",
      },
    ],
  },
  {
    rule: 'a session is read-write again before the next write',
    test: 'test/typeorm/belt.test.ts',
    name: 'are switched once, and back before the next write',
    edits: [
      {
        file: `${core}/cluster/belt-access.ts`,
        from: "if (mode === 'read-write') return 'read-write'",
        to: "if (mode === 'read-write') return undefined",
      },
    ],
  },
  {
    rule: 'no setting of a session behind a pooler',
    test: 'test/cluster/pooler.test.ts',
    name: 'the belt stays off behind a pooler',
    edits: [
      {
        file: `${core}/dialects/postgres/belt.ts`,
        from: 'const isSame = rows[0]?.pid === client.processID',
        to: 'const isSame = rows[0]?.pid !== undefined || client.processID === 0',
      },
    ],
  },
  {
    rule: 'what the database refuses is a refusal',
    test: 'test/prisma/policies.test.ts',
    name: 'its refusal is a ReadOnlyError',
    edits: [
      {
        file: `${core}/cluster/guarded.ts`,
        from: 'throw gate.refusalIn(error) ?? error',
        to: 'throw error ?? gate.refusalIn(error)',
      },
    ],
  },
  {
    rule: 'a freeze is a new epoch, which nodes have to ack',
    test: 'test/model/protocol.test.ts',
    name: 'with a node that starts again',
    edits: [
      {
        file: `${core}/domain/transition.ts`,
        from: 'epoch: nextEpoch(snapshot.token.epoch),\n    mode: modeOf([',
        to: 'epoch: snapshot.token.epoch,\n    mode: modeOf([',
      },
    ],
  },
  {
    rule: 'nobody ends a freeze whose lease is not over',
    test: 'test/model/protocol.test.ts',
    name: 'with two jobs',
    edits: [
      {
        file: `${core}/domain/transition.ts`,
        from: 'remainingMs + delayMs <= 0',
        to: 'remainingMs + delayMs <= 1000',
      },
    ],
  },
  {
    rule: 'a method that nobody called safe is a write',
    test: 'packages/http/test/decide.test.ts',
    name: 'writes (catches a list of writing methods',
    edits: [
      {
        file: `${http}/decide.ts`,
        from: 'if (!rules.isSafe(facts.method)) return',
        to: "if (['POST', 'PUT', 'PATCH', 'DELETE'].includes(facts.method)) return",
      },
    ],
  },
  {
    rule: 'an override makes a request stricter, never looser',
    test: 'packages/http/test/decide.test.ts',
    name: 'a POST that says GET stays a write',
    edits: [
      {
        file: `${http}/decide.ts`,
        from: 'if (!rules.isSafe(facts.method)) return',
        to: 'if (!rules.isSafe(facts.overrides[0] ?? facts.method)) return',
      },
    ],
  },
  {
    rule: 'an allowed path is one that every router reads in the same way',
    test: 'packages/http/test/decide.test.ts',
    name: 'catches a rule that opens another route',
    edits: [
      {
        file: `${http}/rules.ts`,
        from: 'allow.isEmpty ? undefined : plainPath(path)',
        to: 'allow.isEmpty ? undefined : (plainPath(path) ?? path)',
      },
    ],
  },
  {
    rule: 'a path that is treated as a write is found in every reading',
    test: 'packages/http/test/decide.test.ts',
    name: 'catches a way around the rule',
    edits: [{ file: `${http}/request-path.ts`, from: '  resolved,\n]', to: ']' }],
  },
  {
    rule: 'a promise opens no door',
    test: 'packages/http/test/decide.test.ts',
    name: 'a predicate answers at once with true',
    edits: [
      {
        file: `${http}/rules.ts`,
        from: 'ask(predicate, request, false, options.logger) === true',
        to: 'Boolean(ask(predicate, request, false, options.logger))',
      },
    ],
  },
  {
    rule: 'a route passes only while all that it writes is exempt',
    test: 'test/http/door.test.ts',
    name: 'passes while every freeze exempts that',
    edits: [
      {
        file: `${http}/interception.ts`,
        from: 'writes.every((write)',
        to: 'writes.length > 0 || writes.every((write)',
      },
    ],
  },
  {
    rule: 'nothing of a refusal is told to the public unless it is exposed',
    test: 'packages/http/test/answer.test.ts',
    name: 'unless they are exposed',
    edits: [{ file: `${http}/problem.ts`, from: 'options.expose ?', to: 'options ?' }],
  },
  {
    rule: 'a refused write that may not be sent twice is sent once',
    test: 'test/http/client.test.ts',
    name: 'is sent once',
    edits: [{ file: `${http}/client.ts`, from: "'PUT', 'DELETE',", to: "'PUT', 'DELETE', 'POST'," }],
  },
  {
    rule: 'streams end with the cluster',
    test: 'test/http/door.test.ts',
    name: 'catches a shutdown that hangs',
    edits: [{ file: `${http}/state-streams.ts`, from: 'if (isOver()) endAll()', to: 'if (false) endAll()' }],
  },
  {
    rule: 'a client that does not read is not buffered for',
    test: 'test/http/door.test.ts',
    name: 'is sent away instead of being buffered for',
    edits: [{ file: `${http}/state-streams.ts`, from: 'if (!sink.isClogged) sink', to: 'if (sink) sink' }],
  },
  {
    rule: 'writes are back when the last freeze ends',
    test: 'packages/core/test/cluster/gate.test.ts',
    name: 'expect writes back when the last freeze ends',
    edits: [
      {
        file: `${core}/domain/expected-end.ts`,
        from: 'expectedEnd > latest',
        to: 'expectedEnd < latest',
      },
    ],
  },
  {
    rule: 'the freeze of a run that lost its holder gets another nonce',
    test: 'packages/core/test/domain/transition.test.ts',
    name: 'the old nonce is dead',
    edits: [
      {
        file: `${core}/domain/transition.ts`,
        from: 'nonce: `lost-${nextEpoch(epoch)}`',
        to: 'nonce: epoch && `nonce-${id}`',
      },
    ],
  },
  {
    rule: 'the pass of a run is for its own freeze',
    test: 'packages/core/test/cluster/gate-passes.test.ts',
    name: 'does not pass the freeze of somebody else',
    edits: [
      {
        file: `${core}/cluster/restrictions.ts`,
        from: '!freeze || !grace.has(freeze.id)',
        to: '!freeze',
      },
    ],
  },
  {
    rule: 'the pass of a run ends with its claim',
    test: 'packages/core/test/cluster/gate-passes.test.ts',
    name: 'whose claim is over',
    edits: [
      {
        file: `${core}/cluster/run/passes.ts`,
        from: 'return pass?.isValid() === true ? pass.freezeIds : undefined',
        to: 'return pass?.freezeIds',
      },
    ],
  },
  {
    rule: 'the holder of a run is not replaced while its lease lasts',
    test: 'test/contracts/store.postgres.test.ts',
    name: 'only when their lease is over',
    edits: [
      {
        file: `${core}/dialects/postgres/run-statements.ts`,
        from: 'AND lease_until <= clock_timestamp() AND lock_timeout',
        to: 'AND lock_timeout',
      },
    ],
  },
  {
    rule: 'the proof of a run keeps others from taking it over',
    test: 'test/contracts/store.postgres.test.ts',
    name: 'while a transaction that has proved its holder',
    edits: [
      {
        file: `${core}/dialects/postgres/run-statements.ts`,
        from: 'AND nonce = $2 FOR SHARE`',
        to: 'AND nonce = $2`',
      },
    ],
  },
  {
    rule: 'the transactions of a run prove that it holds',
    test: 'test/runs/phases.test.ts',
    name: 'whose freeze somebody thawed',
    edits: [
      {
        file: `${core}/cluster/run/holder.ts`,
        from: 'if ((await rowsOf(sql, parameters)).length !== 1) throw notHeld(name)',
        to: 'await rowsOf(sql, parameters)',
      },
    ],
  },
  {
    rule: 'without auth the dashboard serves this machine only',
    test: 'test/dashboard/handler.test.ts',
    name: 'refuses everybody else, and whoever could be',
    edits: [
      {
        file: 'packages/dashboard/src/access.ts',
        from: 'if (!isLoopback(client.address)) return',
        to: 'if (client.address === undefined) return',
      },
    ],
  },
  {
    rule: 'an action comes from a page of the same viewer',
    test: 'test/dashboard/handler.test.ts',
    name: 'need a page of the same viewer, from the same origin',
    edits: [
      {
        file: 'packages/dashboard/src/csrf.ts',
        from: '.update(`quiesce dashboard\\0${viewer}`)',
        to: '.update(`quiesce dashboard`)',
      },
    ],
  },
  {
    rule: 'what others wrote is text on the dashboard',
    test: 'test/dashboard/handler.test.ts',
    name: 'what others wrote is shown as text',
    edits: [
      {
        file: 'packages/dashboard/src/view/html.ts',
        from: '(sign) => escapes[sign] ?? sign',
        to: '(sign) => sign',
      },
    ],
  },
  {
    rule: 'the address of quiesce ui works once',
    test: 'test/dashboard/handler.test.ts',
    name: 'lets in one browser, once',
    edits: [{ file: 'packages/cli/src/ui/one-time-door.ts', from: '      token = undefined\n', to: '' }],
  },
]
