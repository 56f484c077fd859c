/** What the tests of fence have to notice. */
export const fence = [
  {
    rule: 'fence: it stands only when every open writer has ended',
    test: 'test/fence/proof.test.ts',
    name: 'rounds against paused processes',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/fence-attempt.ts',
        from: "isConcurrent(error))) return 'busy'",
        to: "isConcurrent(error))) return 'done'",
      },
      {
        file: 'packages/core/src/dialects/postgres/fence-coverage.ts',
        from: 'const armed = triggers',
        to: 'if (triggers.length < 1e9) return true\n  const armed = triggers',
      },
    ],
  },
  {
    rule: 'the freeze of a lost run waits for what has proved the run',
    test: 'test/cluster/late-proof.test.ts',
    name: 'ends when what has proved the run has committed',
    edits: [
      {
        file: 'packages/core/src/cluster/proof-wait.ts',
        from: 'if (now - since < patienceMs) waiting',
        to: 'if (now - since < patienceMs && id === "") waiting',
      },
    ],
  },
  {
    rule: 'fence: what appears during a freeze that no process holds is found by the nodes',
    test: 'test/fence/patrol.test.ts',
    name: 'whose process has ended',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-patrol.ts',
        from: 'if (unheld.length === 0 || isPlanned',
        to: 'if (unheld.length < 1e9 || isPlanned',
      },
    ],
  },
  {
    rule: 'standing fence: the proof sees a freeze that does not wait for open writers',
    test: 'test/fence/proof.test.ts',
    name: 'by the fence standing',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/standing-statements.ts',
        from: '  PERFORM pg_advisory_xact_lock(${standingLocks(names).writers});',
        to: '',
      },
    ],
  },
  {
    rule: 'fence: the proof sees a bypass that survives its holder',
    test: 'test/fence/proof.test.ts',
    name: 'by the fence on-freeze',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-seal.ts',
        from: 'if (seal.isRekeyed !== true) await',
        to: 'if (seal.graceMs < 0) await',
      },
    ],
  },
  {
    rule: 'fence: the proof sees an open transaction that survives its holder',
    test: 'test/fence/proof.test.ts',
    name: 'by the fence on-freeze',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-seal.ts',
        from: '    await store.terminate(open)\n',
        to: '    if (open.length > 1e9) await store.terminate(open)\n',
      },
    ],
  },
  {
    rule: 'fence: nothing is raised any more when raising it has failed',
    test: 'packages/core/test/cluster/fence-steps.test.ts',
    name: 'work that fails ends only when',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-steps.ts',
        from: 'await Promise.allSettled(Array.from',
        to: 'await Promise.all(Array.from',
      },
      {
        file: 'packages/core/src/cluster/fence-steps.ts',
        from: "ends.find((end) => end.status === 'rejected')",
        to: 'undefined as { reason: unknown } | undefined',
      },
    ],
  },
  {
    rule: 'fence: writers of tables that it does not cover have not ended because it stands',
    test: 'test/fence/install.test.ts',
    name: 'of some tables names those',
    edits: [
      {
        file: 'packages/core/src/cluster/drain-cluster.ts',
        from: 'const serverDrained = waited || fence.coversAll',
        to: 'const serverDrained = true',
      },
    ],
  },
  {
    rule: 'fence: what it leaves out is told',
    test: 'test/fence/install.test.ts',
    name: 'only other roles can write',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/fence-survey.ts',
        from: '...strangerGaps(strangers))',
        to: '...strangerGaps([]))',
      },
    ],
  },
  {
    rule: 'fence: a trigger that was disabled is armed again',
    test: 'test/fence/install.test.ts',
    name: 'is armed again and tells',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/fence-statements.ts',
        from: "found.enabled IS DISTINCT FROM 'A' THEN",
        to: 'found.enabled IS NULL THEN',
      },
    ],
  },
  {
    rule: 'fence: who slept while another took the freeze over has no say in who passes',
    test: 'test/fence/stale-holder.test.ts',
    name: 'cannot make its token good again',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/fence-statements.ts',
        from: 'AND nonce = ${quoteLiteral(nonce)} AND ended_at',
        to: "AND nonce <> ${quoteLiteral('!' + nonce)} AND ended_at",
      },
    ],
  },
  {
    rule: 'standing fence: who slept while another took the freeze over has no say in who passes',
    test: 'test/fence/stale-holder.test.ts',
    name: 'standing, a holder that was given up cannot make its token good again',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/standing-statements.ts',
        from: 'AND nonce = ${quoteLiteral(nonce)} AND ended_at',
        to: "AND nonce <> ${quoteLiteral('!' + nonce)} AND ended_at",
      },
    ],
  },
  {
    rule: 'fence: what a lost holder had begun is ended by any node, whoever took its bypass away',
    test: 'test/fence/stale-holder.test.ts',
    name: 'although the node that took its bypass away has died since',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-sweep.ts',
        from: 'else if (isHolderless(freeze)) await',
        to: 'else if (isHolderless(freeze) && found.fence.passable) await',
      },
    ],
  },
  {
    rule: 'fence: a takeover ends what the old holder had begun, and tells the gaps',
    test: 'test/fence/stale-holder.test.ts',
    name: 'when another process goes on with its freeze',
    edits: [
      {
        file: 'packages/core/src/cluster/fencer.ts',
        from: 'await sealFence({ backend, store, clock, events, fence, tables, graceMs: lateMs })',
        to: 'await backend.rekey(fence)\n        void [sealFence, lateMs]',
      },
    ],
  },
  {
    rule: 'fence: a takeover tells the gaps of the fence that it found',
    test: 'test/fence/stale-holder.test.ts',
    name: 'when another process goes on with its freeze',
    edits: [
      {
        file: 'packages/core/src/cluster/fencer.ts',
        from: 'return { backend: name, tables: tables.length, gaps, refusesHolder }',
        to: 'return { backend: name, tables: tables.length, gaps: gaps.slice(99), refusesHolder }',
      },
    ],
  },
  {
    rule: 'on MySQL no trigger is made once the freeze has ended',
    databases: 'mysql',
    test: 'test/fence/stale-holder.test.ts',
    name: 'raises nothing once its freeze has ended',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/fence-claim.ts',
        from: '          await assertHolder(one, context.tables, fence)\n',
        to: '',
      },
    ],
  },
  {
    rule: 'on MySQL what hangs when a freeze ends is ended with it',
    databases: 'mysql',
    test: 'test/fence/stale-holder.test.ts',
    name: 'raises nothing once its freeze has ended',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-lower.ts',
        from: "(await backend.settle?.(mark)) !== 'busy'",
        to: 'backend.name !== mark.scope',
      },
    ],
  },
  {
    rule: 'on MySQL a transaction that keeps the bypass is ended, and the bypass taken away then',
    databases: 'mysql',
    test: 'test/fence/stale-holder.test.ts',
    name: 'although the node that took its bypass away has died since',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-seal.ts',
        from: 'if (n > MAX_ENDINGS || !(isQuiesceError',
        to: 'if (n > 0 || n > MAX_ENDINGS || !(isQuiesceError',
      },
    ],
  },
  {
    rule: 'on MySQL a thaw is not over while the fence refuses',
    databases: 'mysql',
    test: 'test/fence/mysql-raising.test.ts',
    name: 'that an open transaction keeps as it is',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-lower.ts',
        from: "(await backend.disarm?.(mark)) === 'done'",
        to: '(await backend.disarm?.(mark)) !== undefined',
      },
    ],
  },
  {
    rule: 'fence: triggers fire whatever session_replication_role says',
    test: 'test/fence/slip-through.test.ts',
    name: 'every known way of writing',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/fence-statements.ts',
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
        file: 'packages/core/src/dialects/postgres/fence-survey.ts',
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
        file: 'packages/core/src/dialects/postgres/fence-statements.ts',
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
        file: 'packages/core/src/cluster/fence-seal.ts',
        from: 'if (seal.isRekeyed !== true) await',
        to: 'if (seal.graceMs < 0) await',
      },
    ],
  },
  {
    rule: 'fence: a takeover that keeps the freeze ends what the old holder had begun',
    test: 'test/fence/install.test.ts',
    name: 'is dead after a takeover',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-seal.ts',
        from: '    await store.terminate(open)\n',
        to: '    if (open.length > 1e9) await store.terminate(open)\n',
      },
    ],
  },
  {
    rule: 'fence: a state that was set back gives no writes back',
    test: 'test/fence/set-back.test.ts',
    name: 'stays until the state has been made anew',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-sweep.ts',
        from: 'later.includes(found) || ',
        to: '',
      },
    ],
  },
  {
    rule: 'fence: a state that was set back, and that nobody remembers, is made anew',
    test: 'test/fence/set-back.test.ts',
    name: 'although no node is left that knows of it',
    edits: [
      {
        file: 'packages/core/src/cluster/recovery.ts',
        from: 'await adopt(behindSince, nodeId, later)',
        to: 'return',
      },
    ],
  },
  {
    rule: 'fence: what a dead holder left is found',
    test: 'test/fence/install.test.ts',
    name: 'while it stands: a holder that is killed',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-sweep.ts',
        from: 'else if (freeze === undefined) await options.lowering.lower(mark)',
        to: 'else if (freeze === undefined) continue',
      },
    ],
  },
  {
    rule: 'fence: a fence that somebody is lowering is left to him',
    test: 'packages/core/test/cluster/fence-janitor.test.ts',
    name: 'leaves a fence alone that somebody is lowering',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-sweep.ts',
        from: 'mayWait && size <',
        to: 'mayWait && -size >',
      },
    ],
  },
  {
    rule: 'fence: the fence of an active freeze is left alone',
    test: 'test/fence/install.test.ts',
    name: 'never touches the fence of another freeze',
    edits: [
      {
        file: 'packages/core/src/cluster/fence-sweep.ts',
        from: 'else if (freeze === undefined) await options',
        to: "else if (freeze === undefined || freeze.id !== '') await options",
      },
    ],
  },
  {
    rule: 'fence: a table that is only being created is waited for',
    test: 'test/cluster/regressions.test.ts',
    name: 'a table that is being created',
    edits: [
      {
        file: 'packages/core/src/cluster/drain-cluster.ts',
        from: 'options.awaitServer && (await waitForServer(serverWait(context, options, signal, fence.covers)))',
        to: 'Boolean(fence.covers) && false',
      },
    ],
  },
  {
    rule: 'on MySQL a protected column is compared by its bytes',
    databases: 'mysql',
    test: 'test/fence/mysql-columns.test.ts',
    name: 'protected to the last bit',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/fence-columns.ts',
        from: '  return bytes\n}',
        to: '  return asIs\n}',
      },
    ],
  },
  {
    rule: 'on MySQL a FLOAT is compared by more than its printed digits',
    databases: 'mysql',
    test: 'test/fence/mysql-columns.test.ts',
    name: 'protected to the last bit',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/fence-columns.ts',
        from: 'return `${asIs} AND ${bytes}`',
        to: 'return bytes',
      },
    ],
  },
  {
    rule: 'on MySQL the keys that the server made are columns too',
    databases: 'mysql',
    test: 'test/fence/mysql-columns.test.ts',
    name: 'made keys',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/fence-columns.ts',
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
        file: 'packages/core/src/dialects/mysql/fence-triggers.ts',
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
        file: 'packages/core/src/dialects/mysql/fence.ts',
        from: 'return replace(mark, inertFunction, sessions.attempt)',
        to: "void [replace, inertFunction]\n      return 'done'",
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
        file: 'packages/core/src/dialects/mysql/fence-standing.ts',
        from: '(TRIGGER_SCHEMA = ${quoteLiteral(functionSchema)} OR INSTR',
        to: '(TRIGGER_SCHEMA = ${quoteLiteral(functionSchema)} OR true OR INSTR',
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
        file: 'packages/core/src/dialects/mysql/fence-interrupter.ts',
        from: 'if (isOurs) await',
        to: 'if (isOurs && rows.length > 1e9) await',
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
        file: 'packages/core/src/dialects/mysql/fence-ddl-hold.ts',
        from: 'if (other !== undefined) await',
        to: 'if (other === null) await',
      },
    ],
  },
  {
    rule: 'standing fence: a write reads the state under the shared lock',
    test: 'test/fence/standing.test.ts',
    name: 'waits for a transaction that has written',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/standing-function.ts',
        from: 'PERFORM pg_catalog.pg_advisory_xact_lock_shared(${locks.writers});',
        to: '',
      },
    ],
  },
  {
    rule: 'standing fence: a write reads past its snapshot',
    test: 'test/fence/standing.test.ts',
    name: 'refuses a transaction in REPEATABLE READ',
    edits: [
      { file: 'packages/core/src/dialects/postgres/standing-function.ts', from: '${read} FOR SHARE;', to: '${read};' },
    ],
  },
  {
    rule: 'standing fence: a row that is missing refuses',
    test: 'test/fence/standing.test.ts',
    name: 'refuses while its row is missing',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/standing-function.ts',
        from: 'IF entries IS NULL THEN\n    RAISE',
        to: 'IF false THEN\n    RAISE',
      },
    ],
  },
  {
    rule: 'standing fence: an entry of a freeze that has ended refuses nothing',
    test: 'test/fence/standing.test.ts',
    name: 'refuses nothing for a freeze that has ended',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/standing-function.ts',
        from: 'WHERE EXISTS (SELECT FROM ${tables.freeze} z WHERE z.ended_at IS NULL',
        to: 'WHERE true OR EXISTS (SELECT FROM ${tables.freeze} z WHERE z.ended_at IS NULL',
      },
    ],
  },
  {
    rule: 'standing fence: a freeze waits for those who have written',
    test: 'test/fence/standing.test.ts',
    name: 'waits for a transaction that has written',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/standing-statements.ts',
        from: '  PERFORM pg_advisory_xact_lock(${standingLocks(names).writers});',
        to: '',
      },
    ],
  },
  {
    rule: 'standing fence: a holder that was given up and locks the row is ended',
    test: 'test/fence/standing.test.ts',
    name: 'gives a token in REPEATABLE READ no chance',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/standing-fence.ts',
        from: 'pause(REKEY_WAIT_MS).then(() => endHolders(context, names))',
        to: 'pause(REKEY_WAIT_MS).then(() => (n > 99 ? endHolders(context, names) : undefined))',
      },
    ],
  },
  {
    rule: 'standing fence: it is used only by freezes that need what it refuses',
    test: 'test/fence/standing.test.ts',
    name: 'is passed over by a freeze',
    edits: [
      {
        file: 'packages/core/src/dialects/standing-verdict.ts',
        from: '(superfluous.length === 0',
        to: '(superfluous.length < 1e9',
      },
    ],
  },
  {
    rule: 'standing fence: its triggers stay as they are once it is in use',
    test: 'test/fence/standing.test.ts',
    name: 'is changed by one process at a time',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/standing-installation.ts',
        from: 'IF NOT EXISTS (SELECT FROM ${row}) THEN',
        to: 'IF false THEN',
      },
    ],
  },
  {
    rule: 'fence: a run that is taken over gets a new token',
    test: 'test/runs/taken-token.test.ts',
    name: 'has a new token',
    edits: [
      {
        file: 'packages/core/src/cluster/fencer.ts',
        from: 'await sealFence({ backend, store, clock, events, fence, tables, graceMs: lateMs })',
        to: 'void [sealFence, lateMs]',
      },
    ],
  },
  {
    rule: 'on MySQL who is silent within a transition is put out of it',
    databases: 'mysql',
    env: { QUIESCE_TEST_LONG: '1' },
    test: 'test/runs/faults.mysql.test.ts',
    name: 'is paused for longer than two leases',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/executor.ts',
        from: 'await run(connection, `SET SESSION wait_timeout = ${Math.ceil(timeout / 2000)}`, [], timeout)',
        to: '',
      },
    ],
  },
  {
    rule: 'standing fence on MySQL: a write reads the state under the shared lock',
    databases: 'mysql',
    test: 'test/fence/standing-mysql.test.ts',
    name: 'waits for a transaction that has written',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/standing-function.ts',
        from: 'WHERE f.id = ${row} LOCK IN SHARE MODE) <=> 0',
        to: 'WHERE f.id = ${row}) <=> 0',
      },
    ],
  },
  {
    rule: 'standing fence on MySQL: a row that is missing refuses',
    databases: 'mysql,mariadb',
    test: 'test/fence/standing-mysql.test.ts',
    name: 'refuses while its row is missing',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/standing-function.ts',
        from: 'LOCK IN SHARE MODE) <=> 0',
        to: 'LOCK IN SHARE MODE) = 0',
      },
    ],
  },
  {
    rule: 'standing fence on MySQL: what is no entry refuses',
    databases: 'mysql,mariadb',
    test: 'test/fence/standing-mysql.test.ts',
    name: 'refuses while its row is missing',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/standing-function.ts',
        from: '<=> TRUE) THEN RETURN FALSE; END IF;',
        to: '<=> TRUE) THEN RETURN TRUE; END IF;',
      },
    ],
  },
  {
    rule: 'standing fence on MySQL: a freeze waits for those who have written',
    databases: 'mysql,mariadb',
    test: 'test/fence/standing-mysql.test.ts',
    name: 'waits for a transaction that has written',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/standing-state.ts',
        from: '`${selectRow(names)} FOR UPDATE`',
        to: 'selectRow(names)',
      },
    ],
  },
  {
    rule: 'standing fence on MySQL: nobody passes it whose function is missing',
    databases: 'mysql,mariadb',
    test: 'test/fence/standing-mysql.test.ts',
    name: 'refuses while one of its functions is missing',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/fence-triggers.ts',
        from: 'DECLARE EXIT HANDLER FOR 1305 ${signal};',
        to: 'DECLARE CONTINUE HANDLER FOR 1305 BEGIN END;',
      },
    ],
  },
  {
    rule: 'standing fence on MySQL: a thaw does not wait for whoever was refused',
    databases: 'mysql,mariadb',
    test: 'test/fence/standing-mysql.test.ts',
    name: 'gives the writes back at once',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/standing-fence.ts',
        from: 'if (entry !== undefined) await',
        to: "if (entry?.release === '') await",
      },
    ],
  },
  {
    rule: 'standing fence on MySQL: its triggers stay as they are once it is in use',
    databases: 'mysql,mariadb',
    test: 'test/fence/standing-mysql.test.ts',
    name: 'is changed by one process at a time',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/standing-installation.ts',
        from: "if (typeof state !== 'object' || state.installed) throw",
        to: "if (typeof state !== 'object') throw",
      },
    ],
  },
  {
    rule: 'standing fence on MySQL: exempt columns are judged by the last trigger',
    databases: 'mysql,mariadb',
    test: 'test/fence/standing-mysql.test.ts',
    name: 'is passed over by a freeze',
    edits: [
      {
        file: 'packages/core/src/dialects/mysql/standing-survey.ts',
        from: '(condition === undefined || one.isLast)',
        to: "(condition === undefined || one.name !== '')",
      },
    ],
  },
]
