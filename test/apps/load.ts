import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isReadOnlyError } from '@quiesce/core'
import type { LoadReport } from '../support/protocol.ts'
import type { Application } from './application.ts'

/** Writers that insert into `entry` without pause: alone, or in transactions that stay open for a while. */
export interface Load {
  stop(): Promise<LoadReport>
}

/** Starts the writers. */
export function startLoad(application: Application, workers: number): Load {
  const acknowledged: string[] = []
  const failed: string[] = []
  let refused = 0
  let rolledBack = 0
  let running = true

  const insert = (id: string): string => `INSERT INTO entry (id) VALUES ('${id}')`
  const attempt = async (): Promise<void> => {
    const dice = Math.random()
    if (dice < 0.5) {
      const id = randomUUID()
      await application.write(insert(id))
      acknowledged.push(id)
      return
    }
    const ids = [randomUUID(), randomUUID()] as const
    const transaction = await application.begin(dice < 0.75 ? 'READ COMMITTED' : 'REPEATABLE READ')
    try {
      await transaction.write(insert(ids[0]))
      await delay(Math.random() * 40)
      await transaction.write(insert(ids[1]))
    } catch (error) {
      await transaction.rollback()
      rolledBack += 1
      throw error
    }
    await transaction.commit()
    acknowledged.push(...ids)
  }
  const work = async (): Promise<void> => {
    while (running) {
      try {
        await attempt()
      } catch (error) {
        if (isReadOnlyError(error) || (error as { kind?: string }).kind === 'QUIESCE_READ_ONLY') refused += 1
        else failed.push(String(error))
        await delay(1 + Math.random() * 4)
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
