import { freshDatabase } from '@quiesce/test-servers'
import { describe, inject } from 'vitest'
import { describeStoreContract } from './store-contract.ts'
import { mysqlFamily, storeSubject } from './store-subject.ts'

const url = inject('mysqlUrl')

// Left out only where QUIESCE_TEST_DATABASES says so.
describe.skipIf(url === undefined)('contract', () => {
  describeStoreContract('mysql', async () => {
    const database = await freshDatabase(url, 'store')
    const subject = await storeSubject(database.url, mysqlFamily)
    return { ...subject, close: () => subject.close().then(() => database.drop()) }
  })
})
