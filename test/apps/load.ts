import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isReadOnlyError } from '@quiesce/core'
import type { LoadReport } from '../support/protocol.ts'
import type { Application } from './application.ts'
import { type AttemptLog, openAttemptLog } from './attempt-log.ts'

/** Writers that insert into `entry` without pause: alone, or in transactions that stay open for a while. */
export interface Load {
  stop(): Promise<LoadReport>
}

/** How hard the writers work, and who writes their attempts down. */
export interface LoadOptions {
  readonly workers: number
  /** How long a worker rests after a write, on average, and at most after a refusal. Default 0. */
  readonly pauseMs?: number | undefined
  readonly log?: AttemptLog | undefined
}

/** Starts the writers. */
export function startLoad(application: Application, { workers, pauseMs = 0, log }: LoadOptions): Load {
  const attempts = log ?? openAttemptLog(undefined)
  const acknowledged: string[] = []
  const failed: string[] = []
  let refused = 0
  let rolledBack = 0
  let running = true

  const insert = (id: string): string => `INSERT INTO entry (id) VALUES ('${id}')`
  const attempt = async (): Promise<void> => {
    const dice = Math.random()
    const ids = dice < 0.5 ? [randomUUID()] : [randomUUID(), randomUUID()]
    const ended = attempts.begin(ids)
    try {
      await write(ids, dice)
      ended('acknowledged')
      acknowledged.push(...ids)
    } catch (error) {
      ended(isRefusal(error) ? 'refused' : 'unknown')
      throw error
    }
  }
  const write = async ([first = '', second]: readonly string[], dice: number): Promise<void> => {
    if (second === undefined) return application.write(insert(first))
    const transaction = await application.begin(dice < 0.75 ? 'READ COMMITTED' : 'REPEATABLE READ')
    try {
      await transaction.write(insert(first))
      await delay(Math.random() * 40)
      await transaction.write(insert(second))
    } catch (error) {
      await transaction.rollback()
      rolledBack += 1
      throw error
    }
    await transaction.commit()
  }
  const work = async (): Promise<void> => {
    while (running) {
      try {
        await attempt()
        if (pauseMs > 0) await delay(Math.random() * 2 * pauseMs)
      } catch (error) {
        if (isRefusal(error)) refused += 1
        else failed.push(String(error))
        await delay(1 + Math.random() * Math.max(4, pauseMs))
      }
    }
  }
  const works = Array.from({ length: workers }, work)
  return {
    async stop() {
      running = false
      await Promise.all(works)
      return { acknowledged, refused, failed, rolledBack }
    },
  }
}

function isRefusal(error: unknown): boolean {
  return isReadOnlyError(error) || (error as { kind?: string }).kind === 'QUIESCE_READ_ONLY'
}
