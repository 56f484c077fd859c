import type { Cluster, RunOptions } from '@quiesce/core'

/** Where a run of the tests waits until it is told to go on. */
export type HoldAt = 'preflight' | 'lock' | 'freeze' | 'steps' | 'verify' | 'rollback' | 'thaw' | 'after'

/** A run whose holder will meet a fault. */
export interface HeldRun {
  readonly namespace: string
  readonly holdAt: HoldAt
  readonly onHolderLost: 'resume' | 'rollback' | 'thaw'
  /** With a fence; each holder writes down its token, which others shall not be able to use. */
  readonly fenced?: true
}

/**
 * The definition that holder and taker share. Each thing that it does is a row of `run_log`, written by the run's own
 * transactions; `hold` is called where the run shall wait.
 */
export function heldRun(
  { namespace, holdAt, onHolderLost, fenced }: HeldRun,
  by: string,
  hold: (at: HoldAt) => Promise<void>,
): RunOptions {
  const at = async (place: HoldAt): Promise<void> => {
    if (place === holdAt) await hold(place)
  }
  const log = (what: string): string =>
    `INSERT INTO run_log (namespace, what, who) VALUES ('${namespace}', '${what}', '${by}')`
  return {
    name: 'held',
    reason: 'a fault',
    onHolderLost,
    // On a loaded machine nodes are late now and then.
    force: { reason: 'a test' },
    checks: [{ name: 'wait', check: async () => void (await at('preflight')) }],
    // The test's databases have many runs at once; each one's nodes are what counts here.
    freeze: {
      fence: fenced === true ? 'required' : 'off',
      awaitServer: false,
      drainTimeoutMs: 20_000,
      ackTimeoutMs: 30_000,
    },
    timeouts: { lockMs: 20_000, stopMs: 200, takeoverMs: 8000 },
    steps: [
      {
        name: 'first',
        idempotent: true,
        run: (holder) => holder.execute(log('first')),
        async undo(holder) {
          await at('rollback')
          await holder.execute(log('undo first'))
        },
      },
      {
        name: 'second',
        idempotent: true,
        async run(holder) {
          await holder.execute(log('second'))
          if (fenced === true) await holder.execute(log(`token ${holder.freeze?.token}`))
          if (holdAt === 'rollback' && by === 'holder') throw new Error('on purpose')
          await at('steps')
          await holder.execute(log('behind'))
        },
        undo: (holder) => holder.execute(log('undo second')),
      },
      {
        name: 'third',
        idempotent: true,
        thawBefore: true,
        async run(holder) {
          await at('after')
          await holder.execute(log('third'))
        },
      },
    ],
    async verify() {
      await at('verify')
      // The thaw itself is held up by the test, once it has been told that the run is here.
      await at('thaw')
    },
  }
}

/** Runs of one process, each in a namespace of its own, so that one fault meets all of them. */
export function heldRuns(cluster: (namespace: string) => Cluster): {
  start(runs: readonly HeldRun[]): void
  proceed(namespace: string): void
  waiting(): readonly string[]
  outcomes(): Readonly<Record<string, string>>
} {
  const holds = new Map<string, () => void>()
  const outcomes: Record<string, string> = {}
  return {
    start(runs) {
      for (const run of runs) {
        const definition = heldRun(run, 'holder', () => new Promise((resolve) => holds.set(run.namespace, resolve)))
        cluster(run.namespace)
          .run(definition)
          .then(
            () => {
              outcomes[run.namespace] = 'done'
            },
            (error: { kind?: string; message: string }) => {
              outcomes[run.namespace] = error.kind ?? error.message
            },
          )
      }
    },
    proceed(namespace) {
      holds.get(namespace)?.()
      holds.delete(namespace)
    },
    waiting: () => [...holds.keys()],
    outcomes: () => ({ ...outcomes }),
  }
}
