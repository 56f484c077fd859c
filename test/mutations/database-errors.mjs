const test = 'test/cluster/database-errors.test.ts'
const core = 'packages/core/src'
const dialects = `${core}/dialects`

/** What the tests of errors of the database have to notice. */
export const databaseErrors = [
  {
    rule: 'database errors: none of a driver reaches who calls the cluster',
    test,
    name: 'says so',
    edits: [
      {
        file: `${dialects}/explaining.ts`,
        from: 'answer.catch((error: unknown) => Promise.reject(explain(error)))',
        to: 'answer.catch((error: unknown) => Promise.reject(explain(error) && error))',
      },
    ],
  },
  {
    rule: 'database errors: what the server undid for others is no defect on PostgreSQL',
    test,
    name: 'whose statement the server undid for others says so',
    edits: [
      {
        file: `${dialects}/postgres/errors.ts`,
        from: "if (meaning === 'other' && sqlState === undefined) return error",
        to: "if (meaning === 'retry' || (meaning === 'other' && sqlState === undefined)) return error",
      },
    ],
  },
  {
    rule: 'database errors: what the server undid for others is no defect on MySQL',
    test,
    databases: 'mysql',
    name: 'whose statement the server undid for others says so',
    edits: [
      {
        file: `${dialects}/mysql/errors.ts`,
        from: "if (meaning === 'other' && errno === undefined) return error",
        to: "if (meaning === 'retry' || (meaning === 'other' && errno === undefined)) return error",
      },
    ],
  },
  {
    rule: 'database errors: one that nobody foresaw has a kind',
    test,
    databases: 'mysql',
    name: 'nobody foresaw',
    edits: [
      {
        file: `${dialects}/mysql/errors.ts`,
        from: "if (meaning === 'other' && errno === undefined) return error",
        to: "if (meaning === 'other') return error",
      },
    ],
  },
  {
    rule: 'database errors: a transition that the server undid is tried again',
    test,
    name: 'is tried again',
    edits: [
      {
        file: `${core}/cluster/advance.ts`,
        from: "error.kind === 'QUIESCE_CONTENDED',",
        to: "error.kind === 'QUIESCE_CONTENDED' && error.cause === undefined,",
      },
    ],
  },
  {
    rule: 'database errors: a run whose step met one tells what became of its steps',
    test,
    name: 'what became of the steps',
    edits: [
      {
        file: `${core}/cluster/run/run-failure.ts`,
        from: '!(hasBegun && ofDatabase.has(failure.kind))',
        to: '(!hasBegun || failure.kind !== undefined)',
      },
    ],
  },
  {
    rule: 'database errors: after close() they say so',
    test,
    databases: 'mysql',
    name: 'when the cluster is closed says so',
    edits: [{ file: `${dialects}/mysql/control-pool.ts`, from: 'if (closed) throw controlClosed(cause)', to: '' }],
  },
  {
    rule: 'database errors: the work under a lock keeps its own',
    test,
    name: 'own work throws',
    edits: [
      {
        file: `${dialects}/postgres/row-lock-operations.ts`,
        from: `if (stage === 'working') throw error`,
        to: `if (stage === 'working') throw explain(error)`,
      },
    ],
  },
  ...['postgres', 'mysql'].map((dialect) => ({
    rule: `database errors: a transaction lock that broke is not the driver’s on ${dialect}`,
    test: 'test/cluster/native-locks.test.ts',
    databases: dialect,
    name: 'connection breaks',
    edits: [{ file: `${dialects}/${dialect}/row-lock-operations.ts`, from: `stage === 'ending'`, to: 'false' }],
  })),
  {
    rule: 'a transaction lock that somebody else had by then is told on SQLite',
    test: 'test/sqlite/nodes.test.ts',
    name: 'somebody else’s before the work ended',
    edits: [
      { file: `${dialects}/sqlite/row-lock-operations.ts`, from: '!(await end())', to: '!(await end()) && false' },
    ],
  },
  {
    rule: 'an idle session that the server has ended fails no transition on MySQL',
    test: 'test/contracts/mysql-servers.test.ts',
    databases: 'mysql',
    name: 'ends a session while it is idle',
    edits: [
      { file: `${dialects}/mysql/executor.ts`, from: 'if (isBegun || !isEnded(error)) throw error', to: 'throw error' },
    ],
  },
]
