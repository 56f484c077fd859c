import { setTimeout as delay } from 'node:timers/promises'
import { Logger, run } from 'graphile-worker'
import type pg from 'pg'
import PgBoss from 'pg-boss'
import { type LockWay, PAUSE_MS } from './peers.ts'

/** Ways that are more than a lock: work is queued, and a queue gives out one job at a time. */
export interface QueueWays {
  readonly ways: readonly LockWay[]
  stop(): Promise<void>
}

/** Starts graphile-worker and pg-boss on the same server. */
export async function startQueueWays(url: string, pool: pg.Pool): Promise<QueueWays> {
  const [graphile, boss] = [await startGraphile(pool), await startBoss(url)]
  return {
    ways: [graphile.way, boss.way],
    stop: async () => {
      await graphile.stop()
      await boss.stop()
    },
  }
}

interface Started {
  readonly way: LockWay
  stop(): Promise<void>
}

/** Jobs of one named queue run one after the other, whichever worker takes them; a worker hears of them by NOTIFY. */
async function startGraphile(pgPool: pg.Pool): Promise<Started> {
  const works = new Map<string, () => Promise<void>>()
  let serial = 0
  const runner = await run({
    pgPool,
    concurrency: 4,
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
    taskList: {
      hold: async (payload) => works.get(String(Object(payload).id))?.(),
    },
  })
  return {
    stop: () => runner.stop(),
    way: {
      name: 'graphile-worker, jobs of one queue',
      whenHolderDies: 'job is given out again after 4 hours',
      async hold(work) {
        const id = String(serial++)
        const done = new Promise<void>((resolve, reject) => {
          works.set(id, () => work().then(resolve, reject))
        })
        await runner.addJob('hold', { id }, { queueName: 'bench' })
        await done
        works.delete(id)
      },
    },
  }
}

/** A queue of the policy `singleton` has one active job; whoever wants it asks again. */
async function startBoss(connectionString: string): Promise<Started> {
  const boss = new PgBoss({ connectionString, supervise: false, schedule: false })
  boss.on('error', () => {})
  await boss.start()
  await boss.createQueue('bench', { name: 'bench', policy: 'singleton' })
  return {
    stop: () => boss.stop({ graceful: false, wait: true }),
    way: {
      name: 'pg-boss, queue of one',
      whenHolderDies: 'job is given out again after 15 minutes',
      async hold(work) {
        await boss.send('bench', {})
        for (;;) {
          // Two that fetch at once violate its unique index, and one of them tries again.
          const [job] = await boss.fetch('bench').catch(() => [])
          if (job !== undefined) {
            await work()
            await boss.complete('bench', job.id)
            return
          }
          await delay(PAUSE_MS * (0.9 + 0.2 * Math.random()))
        }
      },
    },
  }
}
