import { expect, test } from 'vitest'
import { sqliteApplication } from '../apps/sqlite-application.ts'
import { sqliteDatabase } from '../sqlite/support/sqlite-database.ts'
import { insertEntry } from '../support/database.ts'

test('a run on SQLite goes through its phases, is recorded, and says what is not there', async () => {
  const db = await sqliteDatabase()
  const cluster = db.cluster()
  const application = sqliteApplication(cluster, db.url)
  try {
    await cluster.start()
    const said: unknown[] = []
    const look = async (attempt: Promise<unknown>): Promise<void> =>
      void said.push(await attempt.catch((error: { kind?: string }) => error.kind))
    const { id } = await cluster.run({
      name: 'move',
      reason: 'test',
      steps: [
        {
          name: 'look',
          async run(holder) {
            await holder.assertHeld()
            await look(application.write(insertEntry()))
            await look(holder.execute(insertEntry()))
            await look(holder.fingerprint(['entry']))
          },
        },
      ],
    })
    expect(said).toEqual(['QUIESCE_READ_ONLY', 'QUIESCE_CONFIG', 'QUIESCE_CONFIG'])
    expect(await cluster.runs()).toMatchObject([{ id, outcome: 'done', progress: 100 }])
    expect(cluster.state.mode).toBe('read-write')
  } finally {
    await application.close()
    await db.drop()
  }
})
