// node --import tsx examples/queue-worker/main.ts
import { setTimeout as delay } from 'node:timers/promises'
import { onPostgres } from '@quiesce/example-tour'
import { type QueueExample, start } from './start.ts'

await onPostgres(async (databaseUrl) => {
  const example = await start(databaseUrl)
  const say = async (what: string): Promise<void> => {
    const { queued, done } = await example.counts()
    console.log(`${what}: ${queued} queued, ${done} done, ${example.worker.isParked ? 'parked' : 'working'}`)
  }
  await example.enqueue('book', 'pen')
  await allDone(example)
  await say('read-write')
  const freeze = await example.cluster.freeze({ reason: 'move to another database', owner: 'tour' })
  await example.enqueue('lamp')
  await delay(500)
  await say('read-only')
  await freeze.thaw()
  await allDone(example)
  await say('thawed')
  await example.close()
})

async function allDone(example: QueueExample): Promise<void> {
  while ((await example.counts()).queued > 0) await delay(50)
}
