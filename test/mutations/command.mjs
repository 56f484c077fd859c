// What the command promises, broken once on purpose.

const cli = 'packages/cli/src'

/** @type {ReadonlyArray<{ rule: string, test: string, name: string, edits: ReadonlyArray<{ file: string, from: string, to: string }> }>} */
export const command = [
  {
    rule: 'command: what a terminal sends is not sent twice',
    test: 'test/cli/run.test.ts',
    name: 'but not twice what a terminal sends',
    edits: [
      {
        file: `${cli}/job/interruption.ts`,
        from: 'else if (!(onTerminal && fromTerminal.includes(signal))) send(signal)',
        to: 'else send(signal)',
      },
    ],
  },
  {
    rule: 'command: no fence by other exemptions than the nodes have',
    test: 'test/cli/commands.test.ts',
    name: 'that differ from the application',
    edits: [{ file: `${cli}/job/policy.ts`, from: 'if (fenced) throw', to: 'if (fenced === undefined) throw' }],
  },
  {
    rule: 'command: a namespace that nobody named is not frozen while the nodes are in another',
    test: 'test/cli/commands.test.ts',
    name: 'that nobody named is not frozen',
    edits: [
      {
        file: `${cli}/job/check-namespace.ts`,
        from: 'settings.options.namespace === undefined',
        to: 'settings.options.namespace === null',
      },
    ],
  },
  {
    rule: 'command: a program passes the fence by its environment',
    test: 'test/cli/run.test.ts',
    name: 'passes the fence by its environment',
    edits: [
      {
        file: `${cli}/job/child-environment.ts`,
        from: ', ...clientEnvironment(carriers.database, token, env) }',
        to: ' }',
      },
    ],
  },
  {
    rule: 'command: what a program has started ends with it',
    test: 'test/cli/run.test.ts',
    name: 'is ended by force, with what it has started',
    edits: [{ file: `${cli}/job/child.ts`, from: 'process.kill(-child.pid, signal)', to: 'child.kill(signal)' }],
  },
  {
    rule: 'command: a program ends with its freeze',
    test: 'test/cli/run.test.ts',
    name: 'is ended when its freeze is taken away',
    edits: [{ file: `${cli}/job/supervise.ts`, from: 'child.stop(graceMs)', to: 'void graceMs' }],
  },
  {
    rule: 'command: ending the work of others takes a yes',
    test: 'test/cli/commands.test.ts',
    name: 'needs force, a reason and a yes',
    edits: [
      {
        file: `${cli}/commands/thaw.ts`,
        from: 'await confirm(context.terminal,',
        to: 'void confirm(context.terminal,',
      },
    ],
  },
  {
    rule: 'command: it ends although its database is silent',
    test: 'test/cli/run.test.ts',
    name: 'whose database is cut off ends its program',
    edits: [
      {
        file: 'packages/core/src/cluster/process-cluster.ts',
        from: "(follower.health === 'ok' || clock.monotonicMs() < until)",
        to: '(follower.health || until)',
      },
      {
        file: 'packages/core/src/cluster/run/runner.ts',
        from: 'if (grip.lock?.signal.aborted === false) await given',
        to: 'await given',
      },
    ],
  },
  {
    rule: 'command: what a plan prints is what is sent',
    test: 'test/cli/databases.test.ts',
    name: 'a database without tables is told so',
    edits: [
      {
        file: 'packages/core/src/dialects/postgres/fence.ts',
        from: 'raise: [createFunction(context.tables, fence), ...each]',
        to: 'raise: each',
      },
    ],
  },
  {
    rule: 'command: a filter changes no rows',
    test: 'test/cli/dump-filter.test.ts',
    name: 'bytes of any encoding come through',
    edits: [
      { file: 'packages/core/src/dialects/dump/dump-filter.ts', from: "state = 'copy'\n", to: "state = 'between'\n" },
    ],
  },
]
