import { freshDatabase } from '@quiesce/test-servers'
import { describe, inject } from 'vitest'
import { describeStoreContract } from './store-contract.ts'
import { postgres, storeSubject } from './store-subject.ts'

const url = inject('postgresUrl')

// Left out only where QUIESCE_TEST_DATABASES says so.
describe.skipIf(url === undefined)('contract', () => {
  describeStoreContract('postgres', async () => {
    const database = await freshDatabase(url, 'store')
    const subject = await storeSubject(database.url, postgres)
    return { ...subject, close: () => subject.close().then(() => database.drop()) }
  })
})
