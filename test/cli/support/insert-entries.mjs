// A program that knows nothing of Quiesce: writes as its environment lets it, and tells what came of it.
import { writeFileSync } from 'node:fs'
import pg from 'pg'

const { DATABASE_URL, PLAIN_URL, PGOPTIONS = '', QUIESCE_FREEZE_ID, QUIESCE_EPOCH, QUIESCE_TOKEN } = process.env

async function insert(connectionString) {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query('INSERT INTO entry (id) VALUES (gen_random_uuid())')
    return 'written'
  } catch (error) {
    return error.message
  } finally {
    await client.end()
  }
}

const results = { byPgoptions: await insert(PLAIN_URL) }
delete process.env.PGOPTIONS
results.byUrl = await insert(DATABASE_URL)
results.plainly = await insert(PLAIN_URL)
const told = { id: QUIESCE_FREEZE_ID, epoch: QUIESCE_EPOCH, token: QUIESCE_TOKEN, options: PGOPTIONS }
writeFileSync(process.argv[2], JSON.stringify({ ...results, told }))
process.exit(7)
